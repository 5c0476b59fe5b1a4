'use client'
/** A dialog with one text field and a list to choose from by typing. */
import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from 'react'

export interface PickerOption {
  id: string
  title: string
  /** Is code, and shown as such. */
  isCode?: boolean
  icon?: ReactNode
  /** In small type behind the title. */
  note?: string
}

interface Props {
  label: string
  placeholder: string
  typed: string
  onType: (typed: string) => void
  options: readonly PickerOption[]
  onChoose: (id: string) => void
  /** Tab on the chosen option; without it Tab leaves. */
  onComplete?: (id: string) => void
  /** Enter while there is nothing to choose. */
  onEnter?: () => void
  onClose: () => void
  /** One line below the list. */
  hint: string
}

const MAX_SHOWN = 60

export function Picker(props: Props) {
  const { label, placeholder, typed, onType, options, onChoose, onComplete, onEnter, onClose, hint } = props
  const dialog = useRef<HTMLDialogElement>(null)
  const [chosen, setChosen] = useState(0)
  const id = useId()
  const shown = options.slice(0, MAX_SHOWN)
  const at = Math.min(chosen, shown.length - 1)
  useEffect(() => dialog.current?.showModal(), [])

  const onKeyDown = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    const option = shown[at]
    if (step && option) setChosen((at + step + shown.length) % shown.length)
    else if (event.key === 'Tab' && !event.shiftKey && onComplete && option) onComplete(option.id)
    else if (event.key === 'Enter' && option) onChoose(option.id)
    else if (event.key === 'Enter' && onEnter) onEnter()
    else return
    event.preventDefault()
  }

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: Escape closes a dialog by itself
    <dialog
      ref={dialog}
      aria-label={label}
      onClose={onClose}
      onClick={(event) => event.target === dialog.current && dialog.current.close()}
      className="mx-auto mt-[12vh] w-[min(36rem,calc(100vw-2rem))] overflow-hidden rounded-xl border border-line bg-surface p-0 text-ink shadow-xl backdrop:bg-black/40"
    >
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={`${id}-list`}
        aria-activedescendant={shown[at] ? `${id}-${at}` : undefined}
        aria-label={label}
        placeholder={placeholder}
        spellCheck={false}
        autoComplete="off"
        value={typed}
        onChange={(event) => {
          onType(event.target.value)
          setChosen(0)
        }}
        onKeyDown={onKeyDown}
        className="block h-12 w-full border-b border-line bg-transparent px-4 text-sm outline-none placeholder:text-muted"
      />
      <div id={`${id}-list`} role="listbox" aria-label={label} className="max-h-[50vh] overflow-y-auto p-1.5">
        {shown.map((option, index) => (
          <Option
            key={option.id}
            id={`${id}-${index}`}
            option={option}
            isChosen={index === at}
            onChoose={() => onChoose(option.id)}
          />
        ))}
      </div>
      <p role="status" className="border-t border-line px-4 py-2 text-xs text-muted">
        {hint}
        {options.length > MAX_SHOWN && ` The first ${MAX_SHOWN} of ${options.length}.`}
      </p>
    </dialog>
  )
}

interface OptionProps {
  id: string
  option: PickerOption
  isChosen: boolean
  onChoose: () => void
}

function Option({ id, option, isChosen, onChoose }: OptionProps) {
  const element = useRef<HTMLDivElement>(null)
  useEffect(() => {
    if (isChosen) element.current?.scrollIntoView({ block: 'nearest' })
  }, [isChosen])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the text field's, which keeps the focus
    <div
      ref={element}
      id={id}
      role="option"
      tabIndex={-1}
      aria-selected={isChosen}
      onClick={onChoose}
      className="flex min-h-9 cursor-pointer items-center gap-2.5 rounded-md px-2.5 py-1 text-sm hover:bg-raised aria-selected:bg-accent-soft"
    >
      {option.icon}
      <bdi
        dir="ltr"
        className={`min-w-0 flex-1 wrap-anywhere ${option.isCode ? 'font-mono text-[0.8125rem]' : ''}`}
      >
        {option.title}
      </bdi>
      {option.note && <span className="max-w-[60%] text-right text-xs text-muted">{option.note}</span>}
    </div>
  )
}
