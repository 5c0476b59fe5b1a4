'use client'
/** One terminal's tab: its name, which the learner can change, and what closes it. */
import { X } from 'lucide-react'
import { type KeyboardEvent, type MouseEvent, useRef, useState } from 'react'
import type { TerminalView } from '../../server/protocol/index.ts'
import { MAX_NAME_LENGTH } from '../../server/protocol/transport.ts'
import { Menu } from '../ui/Menu.tsx'
import { useMenu } from '../ui/use-menu.ts'

/** What commands of a lesson call it; it never changes. */
export const numbered = ({ number }: TerminalView) => `Terminal ${number}`
export const nameOf = (terminal: TerminalView) => terminal.name || numbered(terminal)

interface Props {
  terminal: TerminalView
  selected: boolean
  closable: boolean
  onShow: () => void
  onRename: (name: string) => void
  onClose: () => void
}

export function TerminalTab({ terminal, selected, closable, onShow, onRename, onClose }: Props) {
  const tab = useRef<HTMLButtonElement>(null)
  const [naming, setNaming] = useState(false)
  const menu = useMenu(tab)
  const name = nameOf(terminal)
  const openMenu = (event: MouseEvent) => {
    event.preventDefault()
    menu.open({ x: event.clientX, y: event.clientY })
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'F2') return
    event.preventDefault()
    setNaming(true)
  }
  return (
    <div className="group flex shrink-0 items-center rounded-md has-aria-selected:bg-raised">
      {naming ? (
        <NameField
          name={terminal.name}
          label={`Name of ${numbered(terminal)}`}
          placeholder={numbered(terminal)}
          onDone={(named, byKey) => {
            setNaming(false)
            if (named !== null && named !== terminal.name) onRename(named)
            if (byKey) requestAnimationFrame(() => tab.current?.focus())
          }}
        />
      ) : (
        <button
          ref={tab}
          type="button"
          role="tab"
          aria-selected={selected}
          aria-label={terminal.name ? `${terminal.name}, terminal ${terminal.number}` : undefined}
          title={`${terminal.name ? `Terminal ${terminal.number}. ` : ''}Double click or F2: another name`}
          onClick={onShow}
          onDoubleClick={() => setNaming(true)}
          onContextMenu={openMenu}
          onKeyDown={onKeyDown}
          className="h-7 max-w-56 cursor-pointer truncate px-2.5 text-[0.8125rem] text-muted hover:text-ink aria-selected:font-medium aria-selected:text-ink"
        >
          {terminal.name && (
            <span aria-hidden className="mr-1.5 text-muted tabular-nums">
              {terminal.number}
            </span>
          )}
          {name}
        </button>
      )}
      {closable && (
        <button
          type="button"
          aria-label={`Close ${name}`}
          title="Close: ends its shell"
          onClick={onClose}
          className="mr-1 grid size-5 cursor-pointer place-items-center rounded text-muted hover:bg-line hover:text-ink"
        >
          <X className="size-3" aria-hidden />
        </button>
      )}
      {menu.at && (
        <Menu
          label={name}
          at={menu.at}
          onClose={menu.close}
          items={[
            { label: 'Rename', keys: 'F2', onSelect: () => setNaming(true) },
            { label: 'Close', disabled: !closable, onSelect: onClose },
          ]}
        />
      )}
    </div>
  )
}

interface FieldProps {
  name: string
  label: string
  placeholder: string
  /** Null: it stays as it was. `byKey`: the learner has said so, and not gone elsewhere. */
  onDone: (name: string | null, byKey: boolean) => void
}

function NameField({ name, label, placeholder, onDone }: FieldProps) {
  const done = useRef(false)
  const finish = (named: string | null, byKey: boolean) => {
    // Taking the field away takes the focus away, which would be a second answer.
    if (done.current) return
    done.current = true
    onDone(named, byKey)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    event.stopPropagation()
    if (event.key === 'Enter') finish(event.currentTarget.value.trim(), true)
    if (event.key === 'Escape') finish(null, true)
  }
  return (
    <input
      ref={(field) => {
        if (field && document.activeElement !== field) field.select()
      }}
      aria-label={label}
      placeholder={placeholder}
      defaultValue={name}
      maxLength={MAX_NAME_LENGTH}
      onKeyDown={onKeyDown}
      onBlur={(event) => finish(event.currentTarget.value.trim(), false)}
      className="mx-1 h-6 w-36 rounded border border-line bg-surface px-1.5 text-[0.8125rem] text-ink"
    />
  )
}
