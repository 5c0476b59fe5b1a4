'use client'
/** The places of editor, terminals and notices: their code comes after the page's own, which is there for reading first. */
import dynamic from 'next/dynamic'
import type { Tier } from '../../server/protocol/index.ts'
import { LatePart } from '../ui/LatePart.tsx'

const empty = () => <div className="h-full bg-surface" />

const EditorPanel = dynamic(
  () => import('../editor/EditorPanel.tsx').then(({ EditorPanel }) => EditorPanel),
  {
    ssr: false,
    loading: empty,
  },
)

const TerminalPanel = dynamic(
  () => import('../terminal/TerminalPanel.tsx').then(({ TerminalPanel }) => TerminalPanel),
  { ssr: false, loading: empty },
)

const MachineNotice = dynamic(
  () => import('./MachineNotice.tsx').then(({ MachineNotice }) => MachineNotice),
  {
    ssr: false,
  },
)

/** What is wrong with the machine is said over its panes; without these words they still work. */
export function MachineNotices({ needs }: { needs: Tier }) {
  return (
    <LatePart name="Notices" fallback={null}>
      <MachineNotice needs={needs} />
    </LatePart>
  )
}

export function EditorPane() {
  return (
    <LatePart name="The editor">
      <EditorPanel />
    </LatePart>
  )
}

export function TerminalPane() {
  return (
    <LatePart name="The terminal">
      <TerminalPanel />
    </LatePart>
  )
}
