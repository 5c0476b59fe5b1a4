/** A message over the lower edge of a terminal, with what can be done about it. */
import type { ReactNode } from 'react'

const CARD =
  'absolute inset-x-3 bottom-3 z-10 flex max-h-[calc(100%-1.5rem)] flex-wrap items-center justify-between gap-x-4 ' +
  'gap-y-3 overflow-y-auto rounded-lg border border-line bg-surface px-4 py-3 text-sm text-ink shadow-lg'

interface Props {
  children: ReactNode
  actions: ReactNode
}

/** Something to know. */
export function PaneCard({ children, actions }: Props) {
  return (
    <div role="status" className={CARD}>
      <Inside actions={actions}>{children}</Inside>
    </div>
  )
}

/** Something to decide: the terminal waits for the answer. */
export function PaneQuestion({
  label,
  onEscape,
  ...inside
}: Props & { label: string; onEscape?: () => void }) {
  return (
    <div
      role="alertdialog"
      aria-label={label}
      className={CARD}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || !onEscape) return
        event.stopPropagation()
        onEscape()
      }}
    >
      <Inside {...inside} />
    </div>
  )
}

function Inside({ children, actions }: Props) {
  return (
    <>
      <div className="min-w-0 flex-1 basis-64">{children}</div>
      <div className="ml-auto flex flex-wrap justify-end gap-2">{actions}</div>
    </>
  )
}

/** Text that is quoted as it is typed. */
export function Keys({ children }: { children: ReactNode }) {
  return (
    <bdi
      dir="ltr"
      className="rounded bg-raised px-1 py-0.5 font-mono text-[0.8125rem] wrap-anywhere whitespace-pre-wrap"
    >
      {children}
    </bdi>
  )
}
