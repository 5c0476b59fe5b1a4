'use client'
/** A row of the keys that a phone's keyboard lacks; on the screen where fingers are. */
import { ArrowDown, ArrowLeft, ArrowRight, ArrowUp } from 'lucide-react'
import { type PointerEvent, type ReactNode, useEffect, useState } from 'react'
import { type Arrow, arrowKey } from './touch-keys.ts'

interface Props {
  /** Ctrl is held for the next key. */
  ctrl: boolean
  onCtrl: (held: boolean) => void
  /** As if typed. */
  onKey: (key: string) => void
  /** The program wants the other kind of arrow keys. */
  isApplication: () => boolean
}

const ARROW_KEYS: [Arrow, typeof ArrowUp, string][] = [
  ['left', ArrowLeft, 'Left'],
  ['down', ArrowDown, 'Down'],
  ['up', ArrowUp, 'Up'],
  ['right', ArrowRight, 'Right'],
]
const BUTTON =
  'flex h-10 min-w-0 flex-1 touch-manipulation items-center justify-center rounded-md border border-line bg-surface ' +
  'text-[0.8125rem] text-ink ' +
  'select-none active:bg-raised aria-pressed:border-accent aria-pressed:bg-accent aria-pressed:text-accent-ink'

/** The terminal keeps the focus, and with it the phone its keyboard. */
const keepFocus = (event: PointerEvent) => event.preventDefault()

export function TouchKeys({ ctrl, onCtrl, onKey, isApplication }: Props) {
  const [shown, setShown] = useState(false)
  useEffect(() => {
    const coarse = window.matchMedia('(pointer: coarse)')
    const tell = () => setShown(coarse.matches)
    tell()
    coarse.addEventListener('change', tell)
    return () => coarse.removeEventListener('change', tell)
  }, [])
  if (!shown) return null

  const key = (label: ReactNode, name: string, send: () => void, pressed?: boolean) => (
    <button
      key={name}
      type="button"
      tabIndex={-1}
      aria-label={name}
      aria-pressed={pressed}
      onPointerDown={keepFocus}
      onClick={send}
      className={BUTTON}
    >
      {label}
    </button>
  )
  return (
    <div
      role="toolbar"
      aria-label="Keys"
      className="flex shrink-0 gap-1 border-t border-line bg-raised px-1.5 py-1.5"
    >
      {key('Ctrl', 'Control', () => onCtrl(!ctrl), ctrl)}
      {key('Esc', 'Escape', () => onKey('\x1b'))}
      {key('Tab', 'Tabulator', () => onKey('\t'))}
      {ARROW_KEYS.map(([arrow, Icon, name]) =>
        key(<Icon className="size-4" aria-hidden />, name, () => {
          onKey(arrowKey(arrow, { ctrl, application: isApplication() }))
          onCtrl(false)
        }),
      )}
      {key('|', 'Pipe', () => onKey('|'))}
      {key('/', 'Slash', () => onKey('/'))}
      {key('-', 'Dash', () => onKey('-'))}
    </div>
  )
}
