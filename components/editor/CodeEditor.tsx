'use client'
/** Monaco on the open files of the sandbox, and around it what is known about the one in front. */
import './editor.css'
import { useEffect, useRef, useState, useSyncExternalStore } from 'react'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'
import { Button } from '../ui/Button.tsx'
import { useShownTheme } from '../ui/theme-store.ts'
import { Breadcrumbs } from './Breadcrumbs.tsx'
import { DiffView } from './DiffView.tsx'
import type { SyncState } from './file-sync.ts'
import { InsertTask } from './InsertTask.tsx'
import { isConfig } from './language/knowledge.ts'
import { monaco } from './monaco.ts'
import { Notice } from './Notice.tsx'
import { Problems } from './Problems.tsx'
import { SyncNotice } from './SyncNotice.tsx'
import { EMPTY_VIEW, Workspace } from './workspace.ts'

interface Props {
  onSync: (sync: Readonly<Record<string, SyncState>>) => void
  onOpen: () => void
}

export default function CodeEditor({ onSync, onOpen }: Props) {
  const machine = useMachine()
  const { bundles } = useView()
  const { state } = useEditor()
  const host = useRef<HTMLDivElement>(null)
  const [workspace, setWorkspace] = useState<Workspace | null>(null)
  const view = useSyncExternalStore(
    workspace?.subscribe ?? subscribeToNothing,
    () => workspace?.view ?? EMPTY_VIEW,
    () => EMPTY_VIEW,
  )
  const [merging, setMerging] = useState(false)
  const theme = useShownTheme()

  useEffect(() => {
    const made = new Workspace(host.current!, machine.client, machine.editor)
    setWorkspace(made)
    return () => made.dispose()
  }, [machine])

  useEffect(() => monaco.editor.setTheme(theme === 'dark' ? 'lab-dark' : 'lab-light'), [theme])
  useEffect(() => onSync(view.sync), [onSync, view.sync])
  useEffect(() => {
    // A bundle that appears or goes may be the one that the file in front is about.
    if (bundles) workspace?.knowledge.poke()
  }, [workspace, bundles])
  useEffect(() => {
    // A command may have made a rootfs, a folder, a program.
    return machine.log.watch({ onEnd: ({ isHistory }) => !isHistory && workspace?.knowledge.poke() })
  }, [machine, workspace])
  useEffect(() => {
    const command = workspace?.editor.addAction({
      id: 'lab.open-file',
      label: 'Open a file of the sandbox',
      keybindings: [monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyP],
      run: onOpen,
    })
    const insert = workspace?.editor.addAction({
      id: 'lab.insert',
      label: 'Insert into config.json…',
      contextMenuGroupId: '1_modification',
      keybindings: [monaco.KeyMod.Alt | monaco.KeyCode.Insert],
      run: () => workspace.command('insert'),
    })
    return () => {
      command?.dispose()
      insert?.dispose()
    }
  }, [workspace, onOpen])

  const document = workspace?.front ?? null
  const sync = view.sync[state.file] ?? { kind: 'unknown' }
  const conflict = sync.kind === 'conflict' ? sync : null
  if (!conflict && merging) setMerging(false)
  const comparison = conflict ? undefined : view.comparisons[state.file]
  // Both sides need the room.
  const isComparing = merging || comparison !== undefined

  return (
    <div className="absolute inset-0 flex flex-col">
      <SyncNotice
        state={sync}
        comparing={merging}
        onResolve={(winner) => document?.sync.resolve(winner)}
        onCompare={() => setMerging(!merging)}
        onRetry={() => document?.sync.retry()}
      />
      {view.trouble && <Notice text={view.trouble} onDismiss={() => workspace?.say(null)} />}
      {workspace && document && isConfig(document) && !isComparing && (
        <Breadcrumbs workspace={workspace} document={document} />
      )}
      <div className="relative min-h-0 flex-1">
        <div ref={host} className="absolute inset-0" />
        {document && conflict && merging && (
          <DiffView document={document} title="In the sandbox" text={conflict.theirs ?? ''} />
        )}
        {document && comparison && (
          <DiffView document={document} title={comparison.title} text={comparison.text}>
            <Button size="small" onClick={() => document.replace(comparison.text)}>
              Take the left side
            </Button>
            <Button size="small" look="primary" onClick={() => workspace?.endComparison(state.file)}>
              Done
            </Button>
          </DiffView>
        )}
      </div>
      {workspace && document && isConfig(document) && !isComparing && (
        <Problems workspace={workspace} document={document} />
      )}
      {view.isInserting && (
        <InsertTask onChoose={(id) => workspace?.insert(id)} onClose={() => workspace?.insert(null)} />
      )}
    </div>
  )
}

const subscribeToNothing = () => () => {}
