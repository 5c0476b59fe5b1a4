'use client'
/** Monaco on one file of the sandbox, which it follows and saves by itself. */
import { useEffect, useRef, useState } from 'react'
import type { FileView } from '../../server/protocol/index.ts'
import { useMachine } from '../session/SessionProvider.tsx'
import { useShownTheme } from '../ui/theme-store.ts'
import { Compare } from './Compare.tsx'
import { FileSync, type SyncState } from './file-sync.ts'
import { minimalEdit } from './minimal-edit.ts'
import { monaco } from './monaco.ts'
import { SyncNotice } from './SyncNotice.tsx'

interface Props {
  path: string
  file: FileView | undefined
  onState: (state: SyncState) => void
}

const OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  language: 'json',
  automaticLayout: true,
  fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSize: 13,
  fontLigatures: false,
  lineHeight: 20,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  detectIndentation: true,
  padding: { top: 10, bottom: 10 },
  renderLineHighlight: 'line',
  overviewRulerBorder: false,
  overviewRulerLanes: 0,
  hideCursorInOverviewRuler: true,
  fixedOverflowWidgets: true,
  ariaLabel: 'config.json',
}

export default function ConfigEditor({ path, file, onState }: Props) {
  const { client } = useMachine()
  const host = useRef<HTMLDivElement>(null)
  const sync = useRef<FileSync>(null)
  const [model, setModel] = useState<monaco.editor.ITextModel | null>(null)
  const [state, setState] = useState<SyncState>({ kind: 'unknown' })
  const [comparing, setComparing] = useState(false)
  const theme = useShownTheme()

  useEffect(() => {
    const created = monaco.editor.createModel('', 'json', monaco.Uri.file(path))
    const editor = monaco.editor.create(host.current!, { ...OPTIONS, model: created })
    let applying = false
    const keeper = new FileSync({
      editor: {
        get: () => created.getValue(undefined, true),
        set(text) {
          const edit = minimalEdit(created.getValue(undefined, true), text)
          const range = monaco.Range.fromPositions(
            created.getPositionAt(edit.start),
            created.getPositionAt(edit.end),
          )
          applying = true
          created.pushEditOperations(null, [{ range, text: edit.text }], () => null)
          applying = false
        },
      },
      save: (base, text) => client.saveFile(path, base, text),
      onState(next) {
        setState(next)
        onState(next)
      },
    })
    created.onDidChangeContent(() => {
      if (!applying) keeper.edited()
    })
    // People press it; it has happened already, or happens now.
    editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => keeper.retry())
    sync.current = keeper
    setModel(created)
    return () => {
      keeper.retry()
      keeper.dispose()
      sync.current = null
      editor.dispose()
      created.dispose()
    }
  }, [client, path, onState])

  useEffect(() => {
    if (file && model) sync.current?.remote(file)
  }, [file, model])

  useEffect(() => monaco.editor.setTheme(theme === 'dark' ? 'lab-dark' : 'lab-light'), [theme])

  const conflict = state.kind === 'conflict' ? state : null
  return (
    <div className="absolute inset-0 flex flex-col">
      <SyncNotice
        state={state}
        comparing={comparing}
        onResolve={(winner) => {
          setComparing(false)
          sync.current?.resolve(winner)
        }}
        onCompare={() => setComparing(!comparing)}
        onRetry={() => sync.current?.retry()}
      />
      <div className="relative min-h-0 flex-1">
        <div ref={host} className="absolute inset-0" />
        {conflict && comparing && model && <Compare theirs={conflict.theirs ?? ''} mine={model} />}
      </div>
    </div>
  )
}
