'use client'
/** The place of the lens: its code is fetched when it is opened for the first time. */
import dynamic from 'next/dynamic'

const LensPanel = dynamic(() => import('../lens/LensPanel.tsx'), {
  ssr: false,
  loading: () => <p className="p-6 text-center text-sm text-muted">Fetching the lens…</p>,
})

export function LensPane({ visible, onClose }: { visible: boolean; onClose: () => void }) {
  return (
    <section
      aria-label="Lens"
      className="flex h-full min-h-0 flex-col bg-surface outline-none"
      data-pane="lens"
      tabIndex={-1}
    >
      <LensPanel visible={visible} onClose={onClose} />
    </section>
  )
}
