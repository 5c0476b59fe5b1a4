'use client'
/** The pane of the sandbox's files: tabs, whether all is saved, and what it shows before there is a file or an editor. */
import { FileJson2, Plus } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useCallback, useEffect, useState, useSyncExternalStore } from 'react'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'
import { LatePart } from '../ui/LatePart.tsx'
import { PaneHeader } from '../ui/PaneHeader.tsx'
import { EditorMenu } from './EditorMenu.tsx'
import { FileTabs } from './FileTabs.tsx'
import type { SyncState } from './file-sync.ts'
import { History } from './History.tsx'
import { NoFile, Placeholder } from './NoFile.tsx'
import { Notice } from './Notice.tsx'
import { OpenFile } from './OpenFile.tsx'
import { SaveState } from './SaveState.tsx'

const CodeEditor = dynamic(() => import('./CodeEditor.tsx'), {
  ssr: false,
  loading: () => <Placeholder>Fetching the editor…</Placeholder>,
})

const ExplainCard = dynamic(() => import('./explain/ExplainCard.tsx').then((module) => module.ExplainCard), {
  ssr: false,
})

const UNKNOWN: SyncState = { kind: 'unknown' }

export function EditorPanel() {
  const { client, editor, log } = useMachine()
  const { files, sandbox, connection } = useView()
  const { state } = useEditor()
  const file = files[state.file]
  const [sync, setSync] = useState<Readonly<Record<string, SyncState>>>({})
  const notice = useSyncExternalStore(
    log.subscribe,
    () => log.notice,
    () => null,
  )
  const [opening, setOpening] = useState(false)
  const [isHistory, setHistory] = useState(false)
  const [trouble, setTrouble] = useState<string | null>(null)
  const openDialog = useCallback(() => setOpening(true), [])
  // Once there has been a file the editor stays, hidden if need be: it holds what can be undone.
  const [wanted, setWanted] = useState(false)
  const id = sandbox?.state === 'ready' ? sandbox.id : ''
  const known = sync[state.file] ?? UNKNOWN
  const there = file?.state === 'text' || ['conflict', 'unsaved', 'failed'].includes(known.kind)
  if (there && !wanted) setWanted(true)

  useEffect(() => client.watchFile(state.file), [client, state.file])
  useEffect(() => client.watchBundles(), [client])
  // Another sandbox has other files.
  const [shownId, setShownId] = useState(id)
  if (id && id !== shownId) {
    setShownId(id)
    setSync({})
    setWanted(false)
  }
  useEffect(() => {
    if (shownId) editor.belongTo(shownId)
  }, [editor, shownId])

  return (
    <section aria-label="Editor" className="flex h-full min-h-0 flex-col bg-surface" data-pane="editor">
      <PaneHeader>
        <FileJson2 className="mr-1 size-4 shrink-0 text-muted" aria-hidden />
        <FileTabs sync={sync} />
        <button
          type="button"
          aria-label="Open another file"
          title="Open another file (Ctrl+P in the editor)"
          disabled={!id || connection !== 'open'}
          onClick={openDialog}
          className="grid size-7 shrink-0 cursor-pointer place-items-center rounded-md text-muted hover:bg-raised hover:text-ink disabled:cursor-default disabled:opacity-50 disabled:hover:bg-transparent"
        >
          <Plus className="size-4" aria-hidden />
        </button>
        <SaveState state={there ? known : UNKNOWN} />
        <EditorMenu
          isThere={there}
          onOpen={openDialog}
          onHistory={() => setHistory(true)}
          onTrouble={setTrouble}
        />
      </PaneHeader>
      {trouble && <Notice text={trouble} onDismiss={() => setTrouble(null)} />}
      <div className="relative min-h-0 flex-1" role="tabpanel" aria-label={state.file}>
        {wanted && (
          <div hidden={!there}>
            <LatePart name="The editor">
              <CodeEditor onSync={setSync} onOpen={openDialog} key={shownId} />
            </LatePart>
          </div>
        )}
        {!there && <NoFile path={state.file} file={file} />}
      </div>
      {notice && (
        <LatePart name="The explanation" fallback={null}>
          <ExplainCard notice={notice} key={notice.id} />
        </LatePart>
      )}
      {isHistory && <History onClose={() => setHistory(false)} onTrouble={setTrouble} />}
      {opening && <OpenFile onClose={() => setOpening(false)} />}
    </section>
  )
}
