'use client'
/** What stands in the editor's place while there is no text to edit: why, and what makes one. */
import type { ReactNode } from 'react'
import type { FileView, SandboxView } from '../../server/protocol/index.ts'
import { CONFIG_PATH } from '../session/editor-commands.ts'
import { useView } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'
import { Button } from '../ui/Button.tsx'

const MAX_OFFERED = 3
/** How it is while nothing that one types can make a file. */
const WITHOUT: SandboxView['state'][] = ['waiting', 'failed', 'ended']

export function NoFile({ path, file }: { path: string; file: FileView | undefined }) {
  const { bundles, sandbox } = useView()
  const { editor } = useEditor()
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (file?.state === 'unreadable')
    return (
      <Placeholder>
        {name} cannot be shown here: {file.why}.
      </Placeholder>
    )
  if (sandbox && WITHOUT.includes(sandbox.state))
    return <Placeholder>There is no sandbox now. {name} opens here when you have one.</Placeholder>
  const others = (bundles ?? []).filter((bundle) => bundle.path !== path && !bundle.docker)
  return (
    <Placeholder>
      {path === CONFIG_PATH || name === 'config.json' ? (
        <>
          There is no config.json yet.
          <br />
          <Typed>runc spec</Typed> writes one, and it will open here by itself.
          <br />
          Other files open with the + above, or from the lesson.
        </>
      ) : (
        <>
          There is no <Typed>{path}</Typed>.
          <br />
          It will open here as soon as something writes it.
          <br />
          <Button size="small" onClick={() => void editor.applyEdit({ file: path, text: '' })}>
            Make an empty file
          </Button>
        </>
      )}
      {others.length > 0 && (
        <span className="mt-3 block">
          There is another bundle:
          {others.slice(0, MAX_OFFERED).map((bundle) => (
            <span key={bundle.path} className="mt-1 block">
              <Button size="small" onClick={() => editor.open(bundle.path)}>
                Open {bundle.path}
              </Button>
            </span>
          ))}
        </span>
      )}
    </Placeholder>
  )
}

export function Placeholder({ children }: { children: ReactNode }) {
  return (
    <div className="absolute inset-0 grid place-items-center overflow-auto p-6">
      <div className="max-w-sm text-center text-sm leading-7 wrap-anywhere text-muted">{children}</div>
    </div>
  )
}

const Typed = ({ children }: { children: ReactNode }) => (
  <code className="rounded bg-raised px-1.5 py-0.5 text-ink">{children}</code>
)
