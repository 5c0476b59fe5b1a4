'use client'
/** A small menu at a point of the page. */
import { Check } from 'lucide-react'
import { type KeyboardEvent, useEffect, useLayoutEffect, useRef, useState } from 'react'

export interface MenuItem {
  label: string
  /** The key that does the same. */
  keys?: string
  /** For what is on or off. */
  checked?: boolean
  disabled?: boolean
  /** The menu stays: one chooses it several times. */
  stays?: boolean
  onSelect: () => void
}

interface Props {
  label: string
  /** In the coordinates of the window. */
  at: { x: number; y: number }
  items: (MenuItem | null)[]
  /** `chosen`: by choosing an item, which may have put the focus somewhere itself. */
  onClose: (chosen: boolean) => void
}

const EDGE = 8

/** A null among the items is a line between them. */
export function Menu({ label, at, items, onClose }: Props) {
  const menu = useRef<HTMLDivElement>(null)
  const [place, setPlace] = useState<{ left: number; top: number } | null>(null)

  useLayoutEffect(() => {
    const { offsetWidth, offsetHeight } = menu.current!
    setPlace({
      left: Math.max(EDGE, Math.min(at.x, innerWidth - offsetWidth - EDGE)),
      top: Math.max(EDGE, Math.min(at.y, innerHeight - offsetHeight - EDGE)),
    })
  }, [at.x, at.y])

  useEffect(() => {
    if (place) menu.current?.querySelector<HTMLElement>('button:enabled')?.focus()
  }, [place])

  useEffect(() => {
    const outside = (event: Event) => {
      if (!menu.current?.contains(event.target as Node)) onClose(false)
    }
    const away = () => onClose(false)
    document.addEventListener('pointerdown', outside, { capture: true })
    window.addEventListener('resize', away)
    window.addEventListener('blur', away)
    return () => {
      document.removeEventListener('pointerdown', outside, { capture: true })
      window.removeEventListener('resize', away)
      window.removeEventListener('blur', away)
    }
  }, [onClose])

  const onKeyDown = (event: KeyboardEvent) => {
    const buttons = [...menu.current!.querySelectorAll<HTMLElement>('button:enabled')]
    const now = buttons.indexOf(document.activeElement as HTMLElement)
    const to = { ArrowDown: now + 1, ArrowUp: now - 1, Home: 0, End: -1 }[event.key]
    if (event.key === 'Escape' || event.key === 'Tab') onClose(false)
    else if (to === undefined) return
    else buttons.at(to % buttons.length)?.focus()
    event.preventDefault()
    event.stopPropagation()
  }

  return (
    <div
      ref={menu}
      role="menu"
      tabIndex={-1}
      aria-label={label}
      onKeyDown={onKeyDown}
      onContextMenu={(event) => event.preventDefault()}
      style={place ?? { left: 0, top: 0, visibility: 'hidden' }}
      className="fixed z-50 min-w-48 rounded-lg border border-line bg-surface p-1 text-[0.8125rem] text-ink shadow-xl"
    >
      {items.map((item, index) =>
        item === null ? (
          <hr key={index} className="my-1 border-line" />
        ) : (
          <button
            key={item.label}
            type="button"
            {...(item.checked === undefined
              ? { role: 'menuitem' }
              : { role: 'menuitemcheckbox', 'aria-checked': item.checked })}
            disabled={item.disabled}
            onClick={() => {
              item.onSelect()
              if (!item.stays) onClose(true)
            }}
            className="flex h-8 w-full cursor-pointer items-center gap-2 rounded-md px-2 text-left outline-none hover:bg-raised focus-visible:bg-raised disabled:cursor-default disabled:text-muted disabled:opacity-60 disabled:hover:bg-transparent pointer-coarse:h-10"
          >
            <Check className={`size-3.5 shrink-0 ${item.checked ? '' : 'invisible'}`} aria-hidden />
            <span className="flex-1">{item.label}</span>
            {item.keys && <span className="pl-6 text-xs text-muted pointer-coarse:hidden">{item.keys}</span>}
          </button>
        ),
      )}
    </div>
  )
}
