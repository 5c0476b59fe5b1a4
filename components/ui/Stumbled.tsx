'use client'
/** In place of what broke while it was shown: what that means, the line to report, and two ways on. */
import { Button, buttonClass } from './Button.tsx'
import { withBase } from './base-path.ts'

interface Props {
  error: Error & { digest?: string }
  reset: () => void
}

export function Stumbled({ error, reset }: Props) {
  return (
    <div className="mx-auto grid min-h-full max-w-xl content-center gap-4 px-5 py-10">
      <h1 className="text-3xl font-semibold tracking-tight">This page has stumbled</h1>
      <p className="leading-relaxed text-muted">
        Your sandbox and everything in it carries on. Try the page again; if it stumbles each time, please
        report the line below.
      </p>
      <p className="rounded-lg bg-raised px-4 py-3 font-mono text-sm break-words">
        {error.digest ?? error.message}
      </p>
      <p className="mt-2 flex flex-wrap gap-3">
        <Button look="primary" onClick={reset}>
          Try again
        </Button>
        {/* Loads the page anew: what broke is left behind with this one. */}
        <a href={withBase('/')} className={buttonClass()}>
          See all lessons
        </a>
      </p>
    </div>
  )
}
