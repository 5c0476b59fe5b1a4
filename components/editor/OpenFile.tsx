'use client'
/** The dialog that opens a file of the sandbox: the bundles there are, and any other path with completion. */
import { File, FileJson2, Folder } from 'lucide-react'
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react'
import type { FolderEntry } from '../../server/protocol/index.ts'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import { useEditor } from '../session/use-editor.ts'

interface Choice {
  path: string
  kind: 'bundle' | 'docker' | 'folder' | 'file'
}

const MAX_SHOWN = 60

export function OpenFile({ onClose }: { onClose: () => void }) {
  const { client } = useMachine()
  const { bundles } = useView()
  const { editor } = useEditor()
  const dialog = useRef<HTMLDialogElement>(null)
  const [typed, setTyped] = useState('')
  const [chosen, setChosen] = useState(0)
  const [listing, setListing] = useState<{ folder: string; entries: FolderEntry[] | null }>()
  const [trouble, setTrouble] = useState<string | null>(null)
  const id = useId()

  useEffect(() => {
    dialog.current?.showModal()
    client.watchBundles()
  }, [client])

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
  const at = Math.min(chosen, choices.length - 1)

  const open = (file: string) => {
    editor.open(file)
    onClose()
  }
  const choose = ({ path: file, kind }: Choice) => {
    if (kind !== 'folder') return open(file)
    setTyped(`${file}/`)
    setChosen(0)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (step && choices.length > 0) setChosen((at + step + choices.length) % choices.length)
    else if (event.key === 'Tab' && !event.shiftKey && path && choices[at]) choose(choices[at])
    else if (event.key === 'Enter' && choices[at]) choose(choices[at])
    else if (event.key === 'Enter' && path && !path.endsWith('/')) open(path)
    else return
    event.preventDefault()
  }

  return (
    <dialog
      ref={dialog}
      aria-label="Open a file of the sandbox"
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      onKeyDown={() => {}}
      className="mx-auto mt-[12vh] w-[min(36rem,calc(100vw-2rem))] overflow-hidden rounded-xl border border-line bg-surface p-0 text-ink shadow-xl backdrop:bg-black/40"
    >
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={choices[at] ? `${id}-${at}` : undefined}
        aria-label="Path in the sandbox"
        placeholder="A path, such as /etc/docker/daemon.json"
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
        className="block h-12 w-full border-b border-line bg-transparent px-4 font-mono text-sm outline-none placeholder:font-sans placeholder:text-muted"
      />
      <div id={`${id}-list`} role="listbox" aria-label="Files" className="max-h-[50vh] overflow-y-auto p-1.5">
        {choices.slice(0, MAX_SHOWN).map((choice, index) => (
          <Option
            key={choice.path}
            id={`${id}-${index}`}
            choice={choice}
            isChosen={index === at}
            onChoose={() => choose(choice)}
          />
        ))}
      </div>
      <p role="status" className="border-t border-line px-4 py-2 text-xs text-muted">
        {trouble ?? hint(path, choices.length, listing?.folder === folder ? listing.entries : undefined)}
      </p>
    </dialog>
  )
}

const ICONS = { bundle: FileJson2, docker: FileJson2, folder: Folder, file: File }

function Option({
  id,
  choice,
  isChosen,
  onChoose,
}: {
  id: string
  choice: Choice
  isChosen: boolean
  onChoose: () => void
}) {
  const Icon = ICONS[choice.kind]
  const option = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isChosen) option.current?.scrollIntoView({ block: 'nearest' })
  }, [isChosen])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the text field's, which keeps the focus
    <div
      ref={option}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      onClick={onChoose}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1 text-sm hover:bg-raised aria-selected:bg-accent-soft"
    >
      <Icon className="size-4 shrink-0 text-muted" aria-hidden />
      <bdi dir="ltr" className="min-w-0 flex-1 font-mono text-[0.8125rem] wrap-anywhere">
        {choice.path}
        {choice.kind === 'folder' ? '/' : ''}
      </bdi>
      {choice.kind === 'bundle' && <span className="shrink-0 text-xs text-muted">bundle</span>}
      {choice.kind === 'docker' && <span className="shrink-0 text-xs text-muted">made by Docker</span>}
    </div>
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
  return `Arrows choose, Tab or Enter takes.${count > MAX_SHOWN ? ` The first ${MAX_SHOWN} of ${count}.` : ''}`
}
