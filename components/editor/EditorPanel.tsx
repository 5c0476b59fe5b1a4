'use client'
/** The pane of config.json: what it shows before there is a file, when Monaco is fetched, and whether all is saved. */
import { Check, CircleAlert, FileJson2, LoaderCircle } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useEffect, useState } from 'react'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { PaneHeader } from '../ui/PaneHeader.tsx'
import { EditorBoundary } from './EditorBoundary.tsx'
import type { SyncState } from './file-sync.ts'

/** Where the lesson's bundle is. */
export const CONFIG_PATH = '/tmp/mycontainer/config.json'

const ConfigEditor = dynamic(() => import('./ConfigEditor.tsx'), {
  ssr: false,
  loading: () => <Placeholder>Fetching the editor…</Placeholder>,
})

export function EditorPanel() {
  const { client } = useMachine()
  const { files, sandbox } = useView()
  const file = files[CONFIG_PATH]
  const [state, setState] = useState<SyncState>({ kind: 'unknown' })
  // Once there has been a file the editor stays, hidden if need be: it holds what can be undone.
  const [wanted, setWanted] = useState(false)
  const there =
    file?.state === 'text' || state.kind === 'conflict' || state.kind === 'unsaved' || state.kind === 'failed'
  if (there && !wanted) setWanted(true)

  useEffect(() => client.watchFile(CONFIG_PATH), [client])

  return (
    <section aria-label="Editor" className="flex h-full min-h-0 flex-col bg-surface" data-pane="editor">
      <PaneHeader>
        <FileJson2 className="mr-1 size-4 shrink-0 text-muted" aria-hidden />
        <h2 className="text-[0.8125rem] font-medium text-ink">config.json</h2>
        <span className="min-w-0 truncate pl-1 text-xs text-muted">
          {CONFIG_PATH.replace('/config.json', '')}
        </span>
        <SaveState state={there ? state : { kind: 'unknown' }} />
      </PaneHeader>
      <div className="relative min-h-0 flex-1">
        {wanted && (
          <div hidden={!there}>
            <EditorBoundary>
              <ConfigEditor
                path={CONFIG_PATH}
                file={file}
                onState={setState}
                key={sandbox?.state === 'ready' ? sandbox.id : ''}
              />
            </EditorBoundary>
          </div>
        )}
        {!there && file?.state === 'unreadable' && (
          <Placeholder>config.json cannot be shown here: {file.why}.</Placeholder>
        )}
        {!there && file?.state !== 'unreadable' && (
          <Placeholder>
            There is no config.json yet.
            <br />
            <code className="rounded bg-raised px-1.5 py-0.5 text-ink">runc spec</code> writes one, and it
            will open here by itself.
          </Placeholder>
        )}
      </div>
    </section>
  )
}

function Placeholder({ children }: { children: React.ReactNode }) {
  return (
    <div className="absolute inset-0 grid place-items-center p-6">
      <p className="max-w-sm text-center text-sm leading-7 text-muted">{children}</p>
    </div>
  )
}

const SAVE_STATES = {
  saved: { text: 'Saved in the sandbox', Icon: Check, look: 'text-good' },
  unsaved: { text: 'Saving…', Icon: LoaderCircle, look: 'text-muted' },
  conflict: { text: 'Changed on both sides', Icon: CircleAlert, look: 'text-warn' },
  failed: { text: 'Not saved', Icon: CircleAlert, look: 'text-bad' },
}

function SaveState({ state }: { state: SyncState }) {
  const known = state.kind in SAVE_STATES ? SAVE_STATES[state.kind as keyof typeof SAVE_STATES] : null
  return (
    <span
      role="status"
      className={`ml-auto flex shrink-0 items-center gap-1.5 pl-3 text-xs ${known?.look ?? ''}`}
    >
      {known && <known.Icon className="size-3.5" aria-hidden />}
      {known?.text}
    </span>
  )
}
