'use client'
/** The sandbox's version of a file beside the editor's. */
import { useEffect, useRef } from 'react'
import { monaco } from './monaco.ts'

export function Compare({ theirs, mine }: { theirs: string; mine: monaco.editor.ITextModel }) {
  const host = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const original = monaco.editor.createModel(theirs, 'json')
    const editor = monaco.editor.createDiffEditor(host.current!, {
      automaticLayout: true,
      readOnly: true,
      fontSize: 13,
      minimap: { enabled: false },
      renderSideBySide: true,
      useInlineViewWhenSpaceIsLimited: true,
      hideUnchangedRegions: { enabled: true, contextLineCount: 2 },
    })
    editor.setModel({ original, modified: mine })
    return () => {
      editor.dispose()
      original.dispose()
    }
  }, [theirs, mine])
  return <div ref={host} className="absolute inset-0 bg-surface" />
}
