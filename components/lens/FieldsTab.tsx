'use client'
/** Asked and got: every field of the configuration beside the fact in the kernel. */
import { useEffect, useMemo, useRef, useState } from 'react'
import type { Look } from '../../spec/lens/look.ts'
import { FAMILIES, type Row } from '../../spec/lens/row.ts'
import { FieldRow } from './FieldRow.tsx'
import { Chip } from './parts.tsx'

type Filter = 'all' | 'differs' | 'edited'

interface Props {
  look: Look
  /** Pointer under the editor's cursor; null if it is elsewhere. */
  cursor: string | null
  onReveal: (row: Row, byClick: boolean) => void
}

const keyOf = (row: Row) => `${row.pointer} ${row.title}`

/** The row that a place in the file is about: its own, or that of what it is a part of, or of its first part. */
export function rowAt(rows: readonly Row[], pointer: string): Row | undefined {
  const asked = rows.filter((row) => row.asked !== null)
  const above = asked.filter((row) => pointer === row.pointer || pointer.startsWith(`${row.pointer}/`))
  const closest = above.sort((one, other) => other.pointer.length - one.pointer.length)[0]
  return closest ?? (pointer === '' ? undefined : asked.find((row) => row.pointer.startsWith(`${pointer}/`)))
}

export function FieldsTab({ look, cursor, onReveal }: Props) {
  const [filter, setFilter] = useState<Filter>('all')
  const [defaults, setDefaults] = useState(false)
  const [open, setOpen] = useState<string | null>(null)
  const list = useRef<HTMLDivElement>(null)
  const { rows } = look
  const lit = cursor === null ? undefined : rowAt(rows, cursor)
  const litKey = lit && keyOf(lit)
  const counts = useMemo(
    () => ({
      differs: rows.filter(({ verdict }) => verdict === 'differs').length,
      edited: rows.filter(({ edited }) => edited !== null).length,
      defaults: rows.filter(({ verdict }) => verdict === 'default').length,
    }),
    [rows],
  )
  const shown = rows.filter((row) => {
    if (filter === 'differs') return row.verdict === 'differs'
    if (filter === 'edited') return row.edited !== null
    return defaults || row.verdict !== 'default'
  })

  useEffect(() => {
    if (!litKey) return
    const calm = window.matchMedia('(prefers-reduced-motion: reduce)').matches
    list.current
      ?.querySelector('[data-lit]')
      ?.scrollIntoView({ block: 'nearest', behavior: calm ? 'auto' : 'smooth' })
  }, [litKey])

  return (
    <div ref={list}>
      <div className="sticky top-0 z-10 flex flex-wrap gap-1.5 border-b border-line bg-surface px-3 py-2">
        <Chip on={filter === 'all'} onClick={() => setFilter('all')}>
          All
        </Chip>
        <Chip on={filter === 'differs'} onClick={() => setFilter('differs')}>
          Differs {counts.differs}
        </Chip>
        <Chip on={filter === 'edited'} onClick={() => setFilter('edited')}>
          Edited since {counts.edited}
        </Chip>
        {filter === 'all' && (
          <Chip on={defaults} onClick={() => setDefaults(!defaults)}>
            Not asked for {counts.defaults}
          </Chip>
        )}
      </div>
      {look.asked.origin === 'state' && (
        <p className="border-b border-line bg-warn-soft px-3 py-2 text-xs leading-5 text-ink">
          config.json has been edited since this container began, and the lens was closed then. What it was
          made from comes from runc’s own record, which has no arguments, environment, directory and user.
        </p>
      )}
      {FAMILIES.map((family) => {
        const group = shown.filter((row) => row.family === family)
        if (group.length === 0) return null
        return (
          <section key={family} aria-label={family}>
            <h3 className="border-b border-line bg-raised px-3 py-1 text-[0.6875rem] font-semibold text-muted">
              {family[0]!.toUpperCase() + family.slice(1)}
            </h3>
            <ul>
              {group.map((row, index) => {
                const key = keyOf(row)
                return (
                  <FieldRow
                    key={`${key} ${index}`}
                    row={row}
                    open={open === key}
                    lit={litKey === key}
                    onToggle={() => {
                      setOpen(open === key ? null : key)
                      if (open !== key) onReveal(row, true)
                    }}
                    onReveal={() => onReveal(row, false)}
                  />
                )
              })}
            </ul>
          </section>
        )
      })}
      {shown.length === 0 && (
        <p className="p-6 text-center text-sm text-muted">
          {filter === 'differs'
            ? 'The kernel has all that the file asks for.'
            : 'The file is as it was when the container began.'}
        </p>
      )}
    </div>
  )
}
