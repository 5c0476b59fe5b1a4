'use client'
/** The places of editor and terminals: their code comes after the page's own, which is there for reading first. */
import dynamic from 'next/dynamic'
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
