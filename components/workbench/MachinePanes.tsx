'use client'
/** The places of editor and terminals: their code comes after the page's own, which is there for reading first. */
import dynamic from 'next/dynamic'

const empty = () => <div className="h-full bg-surface" />

export const EditorPane = dynamic(
  () => import('../editor/EditorPanel.tsx').then(({ EditorPanel }) => EditorPanel),
  { ssr: false, loading: empty },
)

export const TerminalPane = dynamic(
  () => import('../terminal/TerminalPanel.tsx').then(({ TerminalPanel }) => TerminalPanel),
  { ssr: false, loading: empty },
)
