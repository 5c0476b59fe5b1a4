'use client'
/** Three dots that open a menu below them. */
import { Ellipsis } from 'lucide-react'
import { useRef } from 'react'
import { Menu, type MenuItem } from './Menu.tsx'
import { useMenu } from './use-menu.ts'

interface Props {
  label: string
  title: string
  /** Asked for while the menu is open. */
  items: () => (MenuItem | null)[]
}

export function MenuButton({ label, title, items }: Props) {
  const button = useRef<HTMLButtonElement>(null)
  const menu = useMenu(button)
  const open = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    menu.open({ x: right, y: bottom + 4 })
  }
  return (
    <>
      <button
        ref={button}
        type="button"
        aria-label={label}
        aria-haspopup="menu"
        aria-expanded={menu.at !== null}
        title={title}
        onClick={open}
        className="grid size-7 shrink-0 cursor-pointer place-items-center rounded-md text-muted hover:bg-raised hover:text-ink"
      >
        <Ellipsis className="size-4" aria-hidden />
      </button>
      {menu.at && <Menu label={label} at={menu.at} onClose={menu.close} items={items()} />}
    </>
  )
}
