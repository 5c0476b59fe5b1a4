'use client'
/** Where the cursor is in the file: the way there from the top, each part a way back; and the outline. */
import { ChevronRight, ListTree } from 'lucide-react'
import { formatPointer, parsePointer } from '../../spec/pointer.ts'
import { useEditor } from '../session/use-editor.ts'
import type { FileDocument } from './file-document.ts'
import type { Workspace } from './workspace.ts'

export function Breadcrumbs({ workspace, document }: { workspace: Workspace; document: FileDocument }) {
  const { editor, state } = useEditor()
  const parts = state.cursor?.file === document.path ? parsePointer(state.cursor.pointer) : []
  const go = (length: number) =>
    editor.revealPointer(formatPointer(parts.slice(0, length)), { file: document.path, focus: true })
  return (
    <nav
      aria-label="Place in the file"
      className="flex h-7 shrink-0 items-center border-b border-line bg-surface pr-1 pl-3 text-xs text-muted"
    >
      <ol className="flex min-w-0 flex-1 items-center overflow-hidden">
        <li className="shrink-0">
          <Crumb onClick={() => go(0)}>{document.path.slice(document.path.lastIndexOf('/') + 1)}</Crumb>
        </li>
        {parts.map((part, index) => (
          <li
            key={formatPointer(parts.slice(0, index + 1))}
            className="flex min-w-0 items-center last:shrink-0"
          >
            <ChevronRight className="size-3 shrink-0" aria-hidden />
            <Crumb isLast={index === parts.length - 1} onClick={() => go(index + 1)}>
              {part}
            </Crumb>
          </li>
        ))}
      </ol>
      <button
        type="button"
        aria-label="Outline: go to a field"
        title="Outline: go to a field (Ctrl+Shift+O)"
        onClick={() => workspace.command('outline')}
        className="grid size-6 shrink-0 cursor-pointer place-items-center rounded hover:bg-raised hover:text-ink"
      >
        <ListTree className="size-3.5" aria-hidden />
      </button>
    </nav>
  )
}

function Crumb({
  children,
  isLast = false,
  onClick,
}: {
  children: string
  isLast?: boolean
  onClick: () => void
}) {
  return (
    <button
      type="button"
      aria-current={isLast ? 'location' : undefined}
      onClick={onClick}
      className="max-w-40 cursor-pointer truncate rounded px-1 py-0.5 hover:bg-raised hover:text-ink aria-[current]:text-ink"
    >
      {children}
    </button>
  )
}
