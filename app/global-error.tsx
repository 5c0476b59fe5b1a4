'use client'
/** In place of the whole document, should even that break: no styles of ours, and a way on. */
import { withBase } from '../components/ui/base-path.ts'

export default function GlobalError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return (
    <html lang="en">
      <body
        style={{
          fontFamily: 'system-ui, sans-serif',
          maxWidth: '36rem',
          margin: '15vh auto',
          padding: '0 1.25rem',
        }}
      >
        <title>Something broke · runC Lab</title>
        <h1>The lab has stumbled</h1>
        <p>
          Your sandbox and everything in it carries on. Try again; if it stays so, please report this line:
        </p>
        <pre>{error.digest ?? error.message}</pre>
        <p>
          <button type="button" onClick={reset}>
            Try again
          </button>{' '}
          <a href={withBase('/')}>See all lessons</a>
        </p>
      </body>
    </html>
  )
}
