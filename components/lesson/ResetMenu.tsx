'use client'
/** Starting over, as little or as much as one wants: the file, the step, the sandbox, everything. Each says first what is lost. */
import { RotateCcw } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useState } from 'react'
import type { PatchOperation } from '../../spec/edit.ts'
import { useOptionalMachine, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { ConfirmDialog } from '../ui/ConfirmDialog.tsx'
import { forget } from './progress-store.ts'
import { useReplay } from './use-replay.ts'

interface Props {
  lesson: string
  step: string
  /** The steps before this one; `solvable`: there is a solution for each of them. */
  before: { slug: string; title: string }[]
  solvable: boolean
  /** The file that the lesson edits, and its edits up to this step; null if the lesson has none. */
  file: { path: string; patches: PatchOperation[][] } | null
  first: string
}

type Choice = 'file' | 'step' | 'sandbox' | 'all'

export function ResetMenu({ lesson, step, before, solvable, file, first }: Props) {
  const machine = useOptionalMachine()
  const router = useRouter()
  const ready = useView().sandbox?.state === 'ready'
  const [asking, setAsking] = useState<Choice | null>(null)
  const [said, setSaid] = useState('')
  const replay = useReplay(machine, setSaid)

  // The server first: otherwise it would remind this browser of what it is to forget.
  const forgetBoth = (which: string | null) => {
    machine?.client.send({ type: 'forget-progress', lesson, step: which })
    forget(lesson, which)
  }

  const choices: Record<Choice, { label: string; lost: string; act: () => Promise<void> | void }> = {
    file: {
      label: 'This file',
      lost: `${file?.path ?? 'The file'} becomes what it is when this step begins: as runc spec writes it, with the edits of the steps before. Your own changes in it are lost (Ctrl+Z in the editor brings them back). Nothing else changes.`,
      act: async () => {
        if (!machine || !file) return
        const answer = await machine.client.ask({ what: 'runc-spec' })
        if (answer.what !== 'runc-spec')
          return setSaid(answer.what === 'failed' ? answer.why : 'There was no answer.')
        const [{ applyPatch }, { applyEdits }] = await Promise.all([
          import('../../spec/edit.ts'),
          import('../../spec/text.ts'),
        ])
        const text = file.patches.reduce((now, patch) => applyEdits(now, applyPatch(now, patch)), answer.text)
        const result = await machine.editor.applyEdit({ file: file.path, text })
        setSaid(result.applied ? 'The file is as it was when this step began.' : result.why)
      },
    },
    step: {
      label: 'This step',
      lost: `You get a fresh sandbox in which the ${before.length} steps before this one are done for you. All files, containers and shells of the present sandbox are lost, and this step counts as not done.`,
      act: async () => {
        forgetBoth(step)
        await replay.run(lesson, before)
      },
    },
    sandbox: {
      label: 'The sandbox',
      lost: 'Your sandbox and everything in it is thrown away: files, containers, shells. You get a fresh, empty one. Which steps you have done stays known.',
      act: () => machine?.reset(),
    },
    all: {
      label: 'Everything',
      lost: 'Your sandbox with everything in it is thrown away, and which steps of this lesson you have done is forgotten. You begin again at the first step.',
      act: () => {
        forgetBoth(null)
        machine?.reset()
        router.push(`/lessons/${lesson}/${first}`)
      },
    },
  }
  const offered = (['file', 'step', 'sandbox', 'all'] as const).filter(
    (choice) => (choice !== 'file' || file) && (choice !== 'step' || (before.length > 0 && solvable)),
  )

  return (
    <section aria-label="Start over" className="needs-js step-part">
      <div className="flex flex-wrap items-center gap-2">
        <p className="mr-1 flex items-center gap-2 text-sm text-muted">
          <RotateCcw className="size-3.5" aria-hidden /> Start over:
        </p>
        {offered.map((choice) => (
          <Button
            key={choice}
            size="small"
            disabled={!ready || replay.busy}
            onClick={() => setAsking(choice)}
          >
            {choices[choice].label}
          </Button>
        ))}
      </div>
      <p role="status" className="mt-2 text-sm text-muted empty:hidden">
        {said}
      </p>
      <ConfirmDialog
        open={asking !== null}
        title={asking ? `Start over: ${choices[asking].label.toLowerCase()}?` : ''}
        confirm="Start over"
        onClose={() => setAsking(null)}
        onConfirm={() => {
          const choice = asking
          setAsking(null)
          setSaid('')
          if (choice) void choices[choice].act()
        }}
      >
        {asking && choices[asking].lost}
      </ConfirmDialog>
    </section>
  )
}
