'use client'
/** The configs that were run, with what came of each: to be looked at, and brought back. */
import { CircleCheck, CircleDot, CircleX } from 'lucide-react'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import type { Outcome, Run } from '../session/run-history.ts'
import { useMachine } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'
import { Button } from '../ui/Button.tsx'

const NONE: readonly Run[] = []

export function History({ onClose, onTrouble }: { onClose: () => void; onTrouble: (why: string) => void }) {
  const { runs: history } = useMachine()
  const runs = useSyncExternalStore(
    history.subscribe,
    () => history.runs,
    () => NONE,
  )
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      aria-labelledby="history-title"
      onClose={onClose}
      className="m-auto flex max-h-[80vh] w-[min(44rem,calc(100vw-2rem))] flex-col overflow-hidden rounded-xl border border-line bg-surface p-0 text-ink shadow-xl backdrop:bg-black/40"
    >
      <div className="flex items-center justify-between gap-4 border-b border-line px-5 py-3">
        <div>
          <h2 id="history-title" className="font-semibold">
            Runs
          </h2>
          <p className="text-xs text-muted">
            Each config.json as it was when runc read it. Kept in this browser.
          </p>
        </div>
        <Button size="small" onClick={() => dialog.current?.close()}>
          Close
        </Button>
      </div>
      {runs.length === 0 ? (
        <p className="px-5 py-8 text-center text-sm text-muted">
          Nothing has been run yet. Each “runc run” and “runc create” of this page is kept here.
        </p>
      ) : (
        <ol className="min-h-0 overflow-y-auto py-1">
          {runs.map((run) => (
            <Entry key={run.id} run={run} onDone={() => dialog.current?.close()} onTrouble={onTrouble} />
          ))}
        </ol>
      )}
    </dialog>
  )
}

interface EntryProps {
  run: Run
  onDone: () => void
  onTrouble: (why: string) => void
}

function Entry({ run, onDone, onTrouble }: EntryProps) {
  const { editor } = useEditor()
  const { Icon, look, words } = describe(run.outcome)
  const time = timeOf(run.at)
  const restore = async () => {
    onDone()
    const result = await editor.applyEdit({ file: run.file, text: run.text })
    if (!result.applied) onTrouble(result.why)
  }
  const compare = () => {
    onDone()
    editor.showDiff({ file: run.file, title: `The run at ${time}`, text: run.text })
  }
  return (
    <li className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-5 py-2 hover:bg-raised">
      <Icon className={`size-4 shrink-0 ${look}`} aria-hidden />
      <div className="min-w-0 flex-1 basis-60 text-sm">
        <p className="truncate font-mono text-[0.8125rem]" title={run.command}>
          {run.command}
        </p>
        <p className="text-xs wrap-anywhere text-muted">
          <time dateTime={new Date(run.at).toISOString()}>{time}</time> · {run.file} · {words}
        </p>
      </div>
      <span className="flex gap-1.5">
        <Button size="small" onClick={compare}>
          Compare
        </Button>
        <Button size="small" onClick={() => void restore()}>
          Restore
        </Button>
      </span>
    </li>
  )
}

const timeOf = (at: number) =>
  new Date(at).toLocaleTimeString([], { hour: '2-digit', minute: '2-digit', second: '2-digit' })

function describe(outcome: Outcome) {
  if (outcome.kind === 'refused')
    return { Icon: CircleX, look: 'text-bad', words: `refused: ${outcome.message}` }
  if (outcome.kind === 'running') return { Icon: CircleDot, look: 'text-accent', words: 'running' }
  if (outcome.exit === 0) return { Icon: CircleCheck, look: 'text-good', words: 'ran, exit status 0' }
  return { Icon: CircleCheck, look: 'text-warn', words: `ran, exit status ${outcome.exit}` }
}
