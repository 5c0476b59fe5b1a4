'use client'
/** An edit of config.json in a lesson: what it changes, as a diff, and one click that does it. */
import { Check, FilePen, ScanSearch } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { PatchOperation } from '../../spec/edit.ts'
import { useOptionalMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'

export interface LessonEdit {
  id: string
  title: string
  /** The file in the sandbox. */
  file: string
  patch: PatchOperation[]
}

interface Props {
  /** Undefined if lab.yaml has no such edit: then it is a diff to read. */
  edit: LessonEdit | undefined
  /** The lines as they stand in the lesson, each with its sign. */
  diff: string
}

export function EditBlock({ edit, diff }: Props) {
  if (edit) return <AppliedByClick edit={edit} diff={diff} />
  return (
    <figure className="edit-block">
      <DiffLines diff={diff} />
    </figure>
  )
}

function AppliedByClick({ edit, diff }: { edit: LessonEdit; diff: string }) {
  const machine = useOptionalMachine()
  const file = useView().files[edit.file]
  const [busy, setBusy] = useState(false)
  const [said, setSaid] = useState('')
  useEffect(() => machine?.client.watchFile(edit.file), [machine, edit.file])
  const text = file?.state === 'text' ? file.text : null
  const [applied, setApplied] = useState(false)
  useEffect(() => {
    let current = true
    if (text === null) setApplied(false)
    // What reads JSON comes when there is a file to look at, not with the page.
    else
      void import('../../spec/applied.ts').then(({ isApplied }) => {
        if (current) setApplied(isApplied(text, edit.patch))
      })
    return () => {
      current = false
    }
  }, [text, edit.patch])
  const pointer = placeOf(edit.patch)

  const apply = async () => {
    if (!machine || busy || applied) return
    setBusy(true)
    const result = await machine.editor.applyEdit({ file: edit.file, patch: edit.patch })
    setBusy(false)
    setSaid(result.applied ? 'Applied and saved in the sandbox.' : result.why)
    if (result.applied) machine.editor.revealPointer(pointer, { file: edit.file })
  }

  return (
    <figure className="edit-block" data-applied={applied}>
      <figcaption className="edit-head">
        <FilePen className="size-4 shrink-0" aria-hidden />
        <span className="min-w-0 flex-1">
          <b>{edit.title}</b>
          <span className="edit-file">{edit.file}</span>
        </span>
      </figcaption>
      <DiffLines diff={diff} />
      <div className="needs-js edit-actions">
        <span role="status" className="min-w-0 flex-1 text-sm text-muted">
          {said}
        </span>
        {applied && (
          <Button
            look="quiet"
            size="small"
            onClick={() => machine?.editor.revealPointer(pointer, { file: edit.file, focus: true })}
          >
            <ScanSearch className="size-3.5" aria-hidden /> Show
          </Button>
        )}
        <Button
          look={applied ? 'secondary' : 'primary'}
          size="small"
          // Not `disabled`: the focus would be lost with the click.
          disabled={!machine}
          aria-disabled={busy || applied}
          aria-label={applied ? `Applied: ${edit.title}` : `Apply: ${edit.title}`}
          onClick={apply}
        >
          <Check className="size-3.5" aria-hidden /> {applied ? 'Applied' : 'Apply'}
        </Button>
      </div>
    </figure>
  )
}

const KINDS: Record<string, string> = { '+': 'added', '-': 'removed', '@': 'gap' }

/** A diff in colour; its signs say the same without. */
export function DiffLines({ diff }: { diff: string }) {
  return (
    <pre className="diff" tabIndex={-1}>
      <code>
        {diff.split('\n').map((line, index) => {
          const kind = KINDS[line[0] ?? ''] ?? 'same'
          return (
            <span key={index} data-kind={kind}>
              {kind === 'gap' ? (
                '⋯'
              ) : (
                <>
                  <span className="sign">{line[0] ?? ' '}</span>
                  {line.slice(1).replaceAll('\t', '  ')}
                </>
              )}
              {'\n'}
            </span>
          )
        })}
      </code>
    </pre>
  )
}

/** Where to look after the edit: a new item of a list is shown by its list. */
function placeOf(patch: PatchOperation[]): string {
  const path = patch.find(({ op }) => op !== 'test')?.path ?? ''
  const removed = patch.every(({ op }) => op === 'remove' || op === 'test')
  return path.endsWith('/-') || removed ? path.slice(0, path.lastIndexOf('/')) : path
}
