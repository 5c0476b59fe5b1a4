'use client'
/** The place of the lens: its code is fetched when it is opened for the first time. */
import dynamic from 'next/dynamic'
import { LatePart } from '../ui/LatePart.tsx'

const LensPanel = dynamic(() => import('../lens/LensPanel.tsx'), {
  ssr: false,
  loading: () => <p className="p-6 text-center text-sm text-muted">Fetching the lens…</p>,
})

export function LensPane({ visible, onClose }: { visible: boolean; onClose: () => void }) {
  return (
    <section
      aria-label="Lens"
      className="relative flex h-full min-h-0 flex-col bg-surface outline-none"
      data-pane="lens"
      tabIndex={-1}
    >
      <LatePart name="The lens">
        <LensPanel visible={visible} onClose={onClose} />
      </LatePart>
    </section>
  )
}
