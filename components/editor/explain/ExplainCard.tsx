'use client'
/** What a message in a terminal means, in plain words, with the line it is about, a fix, and a way to see it oneself. */
import { CircleHelp, MessageCircleWarning, X } from 'lucide-react'
import { useEffect, useMemo, useState } from 'react'
import { applyEdits } from '../../../spec/text.ts'
import type { Notice } from '../../session/command-log.ts'
import { useMachine } from '../../session/SessionProvider.tsx'
import { useEditor } from '../../session/use-editor.ts'
import { Button } from '../../ui/Button.tsx'
import { fixFor, readNotice } from './read-notice.ts'
import { seeForYourself } from './see-for-yourself.ts'

export function ExplainCard({ notice }: { notice: Notice }) {
  const machine = useMachine()
  const { editor, state } = useEditor()
  const reading = useMemo(() => readNotice(notice), [notice])
  const [trouble, setTrouble] = useState<string | null>(null)

  const file =
    notice.bundle === null ? state.file : `${notice.bundle === '/' ? '' : notice.bundle}/config.json`
  const pointer = reading?.pointer ?? null
  useEffect(() => {
    if (pointer !== null && editor.text(file) !== null && editor.state.file === file)
      editor.revealPointer(pointer, { file, quietly: true })
  }, [editor, file, pointer])

  if (!reading) return null
  const text = editor.text(file)
  const fix = text === null ? null : fixFor(text, pointer)
  const bundle = file.slice(0, file.lastIndexOf('/')) || '/'
  const look = seeForYourself(pointer, reading.id ?? '', bundle)
  const Icon = reading.id ? MessageCircleWarning : CircleHelp

  return (
    <section
      aria-label="What the message means"
      className="flex max-h-[60%] shrink-0 gap-3 overflow-y-auto border-t border-line bg-warn-soft px-3 py-2.5 text-[0.8125rem] leading-5 text-ink"
    >
      <Icon className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden />
      <div className="min-w-0 flex-1">
        <div role="status">
          <h3 className="font-semibold">
            <Worded text={reading.title} />
          </h3>
          <p className="wrap-anywhere">
            <Worded text={reading.explanation} />
          </p>
        </div>
        <details open={reading.id === null} className="mt-0.5 text-xs text-muted">
          <summary className="w-fit cursor-pointer">What was printed</summary>
          <code className="block wrap-anywhere whitespace-pre-wrap">{reading.message}</code>
        </details>
        {reading.fix && (
          <p className="mt-1 wrap-anywhere">
            <span className="font-medium">What to do:</span> <Worded text={reading.fix} />
          </p>
        )}
        {trouble && (
          <p role="alert" className="mt-1 text-bad">
            {trouble}
          </p>
        )}
        <div className="mt-1.5 flex flex-wrap gap-1.5 empty:hidden">
          {fix && text !== null && (
            <Button
              size="small"
              look="primary"
              onClick={async () => {
                const result = await editor.applyEdit({ file, text: applyEdits(text, fix.edits) })
                if (!result.applied) return setTrouble(result.why)
                machine.log.dismiss(notice)
              }}
            >
              {fix.title}
            </Button>
          )}
          {pointer !== null && text !== null && (
            <Button size="small" onClick={() => editor.revealPointer(pointer, { file, focus: true })}>
              Show the line
            </Button>
          )}
          {look && (
            <Button
              size="small"
              title={`Runs: ${look.command}`}
              onClick={() => machine.run({ text: look.command })}
            >
              See for yourself: {look.what}
            </Button>
          )}
        </div>
      </div>
      <Button
        look="quiet"
        size="small"
        className="w-7 px-0!"
        aria-label="Dismiss the explanation"
        title="Dismiss"
        onClick={() => machine.log.dismiss(notice)}
      >
        <X className="size-3.5" aria-hidden />
      </Button>
    </section>
  )
}

/** Words with what is typed between backticks, as code. */
function Worded({ text }: { text: string }) {
  return text.split('`').map((part, index) => (index % 2 === 1 ? <code key={index}>{part}</code> : part))
}
