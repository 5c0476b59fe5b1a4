'use client'
/** For a page that broke while it was shown. The sandbox is not affected. */
import { Button, ButtonLink } from '../components/ui/Button.tsx'

export default function PageError({
  error,
  reset,
}: {
  error: Error & { digest?: string }
  reset: () => void
}) {
  return (
    <main className="mx-auto grid min-h-dvh max-w-xl content-center gap-4 px-5">
      <h1 className="text-3xl font-semibold tracking-tight">This page has stumbled</h1>
      <p className="leading-relaxed text-muted">
        Your sandbox and everything in it carries on. Try the page again; if it stumbles each time, please
        report the line below.
      </p>
      <p className="rounded-lg bg-raised px-4 py-3 font-mono text-sm break-words">
        {error.digest ?? error.message}
      </p>
      <p className="mt-2 flex gap-3">
        <Button look="primary" onClick={reset}>
          Try again
        </Button>
        <ButtonLink href="/">See all lessons</ButtonLink>
      </p>
    </main>
  )
}
