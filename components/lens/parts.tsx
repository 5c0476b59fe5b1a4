/** Small pieces that several tabs of the lens are made of. */
import type { ReactNode } from 'react'

export function Chip({ on, onClick, children }: { on: boolean; onClick: () => void; children: ReactNode }) {
  return (
    <button
      type="button"
      aria-pressed={on}
      onClick={onClick}
      className="h-6 cursor-pointer rounded-full border border-line px-2.5 text-xs text-muted hover:text-ink aria-pressed:border-accent aria-pressed:bg-accent-soft aria-pressed:font-medium aria-pressed:text-accent pointer-coarse:h-9"
    >
      {children}
    </button>
  )
}

/** What a tab says about its picture; a reader of the screen gets the same. */
export function Lead({ children }: { children: ReactNode }) {
  return <p className="px-3 pt-3 pb-2 text-xs leading-5 text-muted">{children}</p>
}

export function Waiting({ children }: { children: ReactNode }) {
  return (
    <p role="status" className="p-8 text-center text-sm leading-6 text-muted">
      {children}
    </p>
  )
}

export const TH = 'px-2 py-1 text-left text-[0.6875rem] font-medium text-muted'
export const TD = 'px-2 py-1 align-top text-xs text-ink'
