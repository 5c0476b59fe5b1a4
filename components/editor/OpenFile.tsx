'use client'
/** The dialog that opens a file of the sandbox: the bundles there are, and any other path with completion. */
import { File, FileJson2, Folder } from 'lucide-react'
import { useEffect, useState } from 'react'
import type { FolderEntry } from '../../server/protocol/index.ts'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'
import { Picker } from '../ui/Picker.tsx'

interface Choice {
  path: string
  kind: 'bundle' | 'docker' | 'folder' | 'file'
}

const ICONS = { bundle: FileJson2, docker: FileJson2, folder: Folder, file: File }
const NOTES = { bundle: 'bundle', docker: 'made by Docker', folder: undefined, file: undefined }

export function OpenFile({ onClose }: { onClose: () => void }) {
  const { client } = useMachine()
  const { bundles } = useView()
  const { editor } = useEditor()
  const [typed, setTyped] = useState('')
  const [listing, setListing] = useState<{ folder: string; entries: FolderEntry[] | null }>()
  const [trouble, setTrouble] = useState<string | null>(null)
  // What there is may have changed without a word in a terminal.
  useEffect(() => client.watchBundles(), [client])

  // Relative paths are below the home directory, as in a new shell.
  const path = !typed || typed.startsWith('/') ? typed : `/root/${typed.replace(/^~\//, '')}`
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  useEffect(() => {
    if (!folder) return
    let isOver = false
    void client.ask({ what: 'folder', path: folder }).then((answer) => {
      if (isOver) return
      setTrouble(answer.what === 'failed' ? answer.why : null)
      if (answer.what === 'folder') setListing({ folder, entries: answer.entries })
    })
    return () => {
      isOver = true
    }
  }, [client, folder])

  const choices = path ? below(path, folder, listing) : bundleChoices(bundles ?? [])
  const open = (file: string) => {
    editor.open(file)
    onClose()
  }
  const choose = (file: string) => {
    if (choices.find((choice) => choice.path === file)?.kind === 'folder') setTyped(`${file}/`)
    else open(file)
  }
  return (
    <Picker
      label="Open a file of the sandbox"
      placeholder="A path, such as /etc/docker/daemon.json"
      typed={typed}
      onType={setTyped}
      options={choices.map(({ path: file, kind }) => {
        const Icon = ICONS[kind]
        return {
          id: file,
          title: kind === 'folder' ? `${file}/` : file,
          isCode: true,
          icon: <Icon className="size-4 shrink-0 text-muted" aria-hidden />,
          note: NOTES[kind],
        }
      })}
      onChoose={choose}
      onComplete={path ? choose : undefined}
      onEnter={() => path && !path.endsWith('/') && open(path)}
      onClose={onClose}
      hint={trouble ?? hint(path, choices.length, listing?.folder === folder ? listing.entries : undefined)}
    />
  )
}

function bundleChoices(bundles: readonly { path: string; docker: boolean }[]): Choice[] {
  return bundles.map(({ path, docker }) => ({ path, kind: docker ? 'docker' : 'bundle' }))
}

function below(
  path: string,
  folder: string,
  listing: { folder: string; entries: FolderEntry[] | null } | undefined,
): Choice[] {
  if (listing?.folder !== folder) return []
  const begin = path.slice(folder.length)
  return (listing.entries ?? [])
    .filter(
      ({ name }) => name.startsWith(begin) && (begin.startsWith('.') || !name.startsWith('.') || !begin),
    )
    .map(({ name, isFolder }) => ({ path: `${folder}${name}`, kind: isFolder ? 'folder' : 'file' }))
}

function hint(path: string, count: number, entries: FolderEntry[] | null | undefined): string {
  if (!path && count === 0) return 'No bundle has been found yet. Type a path to open any text file.'
  if (!path) return 'Bundles are found by themselves. Type a path to open any other text file.'
  if (entries === null) return 'There is no such folder.'
  if (entries && count === 0) return 'Nothing there begins like this. Enter opens the path anyway.'
  return 'Arrows choose, Tab or Enter takes.'
}
