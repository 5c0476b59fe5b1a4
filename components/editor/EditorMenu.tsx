'use client'
/** What else can be done with the file in front: compare it, take it back, find a field. */
import { useMachine } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'
import { MenuButton } from '../ui/MenuButton.tsx'

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

  const items = () => {
    const lastRun = runs.lastThatWorked(state.file)
    return [
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
    ]
  }

  return <MenuButton label="More for this file" title="Compare, history, reset, find a field" items={items} />
}
