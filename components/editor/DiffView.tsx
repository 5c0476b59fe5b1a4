'use client'
/** Another text beside the editor's own, which can be edited there; an arrow at each difference takes the other side. */
import { useEffect, useRef, useState } from 'react'
import { Button } from '../ui/Button.tsx'
import { DIFF_OPTIONS } from './editor-options.ts'
import type { FileDocument } from './file-document.ts'
import { unify } from './line-ends.ts'
import { monaco } from './monaco.ts'

interface Props {
  document: FileDocument
  /** What the other text is. */
  title: string
  text: string
  children?: React.ReactNode
}

export function DiffView({ document, title, text, children }: Props) {
  const host = useRef<HTMLDivElement>(null)
  const [count, setCount] = useState<number | null>(null)
  const editor = useRef<monaco.editor.IStandaloneDiffEditor>(null)

  useEffect(() => {
    const original = monaco.editor.createModel(unify(text), document.model.getLanguageId())
    const made = monaco.editor.createDiffEditor(host.current!, {
      ...DIFF_OPTIONS,
      originalAriaLabel: title,
      modifiedAriaLabel: 'Yours',
    })
    made.setModel({ original, modified: document.model })
    let isFirst = true
    made.onDidUpdateDiff(() => {
      setCount(made.getLineChanges()?.length ?? null)
      if (isFirst) made.revealFirstDiff()
      isFirst = false
    })
    made.getModifiedEditor().focus()
    editor.current = made
    return () => {
      made.dispose()
      original.dispose()
      editor.current = null
    }
  }, [text, title, document])

  return (
    <section aria-label={`Compare: ${title}`} className="absolute inset-0 z-10 flex flex-col bg-surface">
      <div className="flex shrink-0 flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line bg-raised px-3 py-1.5 text-[0.8125rem]">
        <span className="min-w-0 flex-1">
          <strong className="font-medium">{title}</strong>
          <span className="text-muted"> on the left, yours on the right</span>
          <span role="status" className="pl-2 text-muted">
            {count === null
              ? ''
              : count === 0
                ? 'No difference'
                : count === 1
                  ? '1 difference'
                  : `${count} differences`}
          </span>
        </span>
        <span className="flex flex-wrap gap-1.5">
          <Button
            size="small"
            look="quiet"
            disabled={!count}
            onClick={() => editor.current?.goToDiff('next')}
          >
            Next difference
          </Button>
          {children}
        </span>
      </div>
      <div ref={host} className="min-h-0 flex-1" />
    </section>
  )
}
