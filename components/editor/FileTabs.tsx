'use client'
/** Tabs of the files that are open; the last one cannot be closed. */
import { X } from 'lucide-react'
import { type KeyboardEvent, useRef } from 'react'
import { useEditor } from '../session/use-editor.ts'
import type { SyncState } from './file-sync.ts'

export function FileTabs({ sync }: { sync: Readonly<Record<string, SyncState>> }) {
  const { editor, state } = useEditor()
  const list = useRef<HTMLDivElement>(null)
  const names = tabNames(state.files)

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (event.key === 'Delete' && state.files.length > 1) editor.close(state.file)
    else if (step) {
      const { files, file } = state
      const next = (files.indexOf(file) + step + files.length) % files.length
      editor.open(files[next]!)
      list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus()
    } else return
    event.preventDefault()
  }

  return (
    <div
      ref={list}
      role="tablist"
      aria-label="Files"
      className="flex min-w-0 gap-1 overflow-x-auto"
      onKeyDown={onKeyDown}
    >
      {state.files.map((file, index) => {
        const { name, folder } = names[index]!
        const trouble = ['conflict', 'failed'].includes(sync[file]?.kind ?? '')
        return (
          <div key={file} className="flex shrink-0 items-center rounded-md has-aria-selected:bg-raised">
            <button
              type="button"
              role="tab"
              aria-selected={file === state.file}
              tabIndex={file === state.file ? 0 : -1}
              title={file}
              onClick={() => editor.open(file)}
              className="flex h-7 max-w-64 cursor-pointer items-center gap-1 px-2 text-[0.8125rem] text-muted hover:text-ink aria-selected:font-medium aria-selected:text-ink"
            >
              <span className="truncate">{name}</span>
              <span className="min-w-0 truncate text-xs font-normal text-muted max-sm:hidden">{folder}</span>
              {trouble && (
                <span className="text-warn" role="img" aria-label="needs a decision">
                  ●
                </span>
              )}
            </button>
            {state.files.length > 1 && (
              <button
                type="button"
                aria-label={`Close ${file}`}
                title="Close"
                onClick={() => editor.close(file)}
                className="mr-1 grid size-5 cursor-pointer place-items-center rounded text-muted hover:bg-line hover:text-ink"
              >
                <X className="size-3" aria-hidden />
              </button>
            )}
          </div>
        )
      })}
    </div>
  )
}

/** A file's own name, and its folder: the whole one while there is room, else as much as tells it from the others. */
export function tabNames(files: readonly string[]): { name: string; folder: string }[] {
  return files.map((file) => {
    const cut = file.lastIndexOf('/')
    const name = file.slice(cut + 1)
    const folder = file.slice(0, cut) || '/'
    if (files.length === 1) return { name, folder }
    const alike = files.some((other) => other !== file && other.endsWith(`/${name}`))
    return {
      name,
      folder: alike || name === 'config.json' ? folder.slice(folder.lastIndexOf('/') + 1) || '/' : '',
    }
  })
}
