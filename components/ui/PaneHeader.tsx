/** The bar at the top of a pane. What is least needed in it goes first when the pane is narrow or the text is large. */
import type { ReactNode } from 'react'

export function PaneHeader({ children }: { children: ReactNode }) {
  return (
    <div className="@container flex h-10 shrink-0 items-center gap-1 overflow-hidden border-b border-line bg-surface px-3">
      {children}
    </div>
  )
}
