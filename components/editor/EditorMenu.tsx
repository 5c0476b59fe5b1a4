'use client'
/** What else can be done with the file in front: compare it, take it back, find a field. */
import { Ellipsis } from 'lucide-react'
import { useCallback, useRef, useState } from 'react'
import { useMachine } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'
import { Menu } from '../ui/Menu.tsx'

interface Props {
  /** There is a text in the editor. */
  isThere: boolean
  onOpen: () => void
  onHistory: () => void
  /** Something could not be done: a sentence. */
  onTrouble: (why: string) => void
}

export function EditorMenu({ isThere, onOpen, onHistory, onTrouble }: Props) {
  const { client, runs } = useMachine()
  const { editor, state } = useEditor()
  const button = useRef<HTMLButtonElement>(null)
  const [at, setAt] = useState<{ x: number; y: number } | null>(null)
  const close = useCallback((chosen: boolean) => {
    setAt(null)
    if (!chosen) button.current?.focus()
  }, [])
  const open = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    setAt({ x: right, y: bottom + 4 })
  }
  const lastRun = at && runs.lastThatWorked(state.file)
  const isConfig = state.file.endsWith('/config.json')

  const withRuncSpec = async (act: (text: string) => Promise<void> | void) => {
    const answer = await client.ask({ what: 'runc-spec' })
    if (answer.what === 'runc-spec') await act(answer.text)
    else onTrouble(answer.what === 'failed' ? answer.why : 'The sandbox did not answer.')
  }
  const compare = () =>
    withRuncSpec((text) => editor.showDiff({ file: state.file, title: 'What runc spec writes', text }))
  const reset = () =>
    withRuncSpec(async (text) => {
      const result = await editor.applyEdit({ file: state.file, text })
      if (!result.applied) onTrouble(result.why)
    })

  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label="More for this file"
        aria-haspopup="menu"
        aria-expanded={at !== null}
        title="Compare, history, reset, find a field"
        onClick={open}
        className="ml-1 grid size-7 shrink-0 cursor-pointer place-items-center rounded-md text-muted hover:bg-raised hover:text-ink"
      >
        <Ellipsis className="size-4" aria-hidden />
      </button>
      {at && (
        <Menu
          label="More for this file"
          at={at}
          onClose={close}
          items={[
            { label: 'Open a file…', onSelect: onOpen },
            {
              label: 'Go to a field…',
              disabled: !isThere,
              onSelect: () => editor.command('outline'),
            },
            {
              label: 'Insert…',
              disabled: !isThere || !isConfig,
              onSelect: () => editor.command('insert'),
            },
            { label: 'Find', keys: 'Ctrl+F', disabled: !isThere, onSelect: () => editor.command('find') },
            null,
            {
              label: 'Compare with runc spec',
              disabled: !isThere || !isConfig,
              onSelect: () => void compare(),
            },
            {
              label: 'Compare with the last run that worked',
              disabled: !isThere || !lastRun,
              onSelect: () =>
                lastRun &&
                editor.showDiff({ file: state.file, title: 'The last run that worked', text: lastRun.text }),
            },
            { label: 'History of runs…', onSelect: onHistory },
            null,
            {
              label: 'Reset to runc spec',
              disabled: !isConfig,
              onSelect: () => void reset(),
            },
          ]}
        />
      )}
    </>
  )
}
