/** For addresses that lead nowhere. */
import { ButtonLink } from '../components/ui/ButtonLink.tsx'

export const metadata = { title: 'Not found' }

export default function NotFound() {
  return (
    <main className="mx-auto grid min-h-dvh max-w-xl content-center gap-4 px-5">
      <p className="font-mono text-sm text-muted">404: no such file or directory</p>
      <h1 className="text-3xl font-semibold tracking-tight">There is no page here</h1>
      <p className="leading-relaxed text-muted">
        The address may have a typing error, or the lesson has been renamed. All lessons are on the first
        page.
      </p>
      <p className="mt-2">
        <ButtonLink look="primary" href="/">
          See all lessons
        </ButtonLink>
      </p>
    </main>
  )
}
