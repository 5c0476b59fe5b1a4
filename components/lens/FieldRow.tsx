'use client'
/** One field: what the file asks, what the kernel has, and on demand why, where it was read, and how to see it oneself. */
import {
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CornerUpLeft,
  PencilLine,
} from 'lucide-react'
import type { Row, Verdict } from '../../spec/lens/row.ts'
import { plain } from './plain-text.ts'
import { RunLine } from './RunLine.tsx'

export const VERDICTS: Record<Verdict, { word: string; Icon: typeof CircleCheck; look: string }> = {
  equal: { word: 'in force', Icon: CircleCheck, look: 'text-good' },
  differs: { word: 'differs', Icon: CircleAlert, look: 'text-warn' },
  'not-applied': { word: 'not applied', Icon: CircleDashed, look: 'text-muted' },
  'not-observable': { word: 'not observable', Icon: CircleHelp, look: 'text-muted' },
  default: { word: 'not asked for', Icon: CircleDot, look: 'text-muted' },
}

interface Props {
  row: Row
  open: boolean
  /** The cursor of the editor is on this field. */
  lit: boolean
  onToggle: () => void
  onReveal: () => void
}

export function FieldRow({ row, open, lit, onToggle, onReveal }: Props) {
  const { word, Icon, look } = VERDICTS[row.verdict]
  const same = row.verdict === 'equal' && row.asked === row.got
  return (
    <li
      data-pointer={row.pointer}
      data-verdict={row.verdict}
      data-lit={lit || undefined}
      // Room above and below, so that the row a lesson leads to is not cut off by the edge.
      className={`scroll-my-24 border-b border-line last:border-b-0 ${lit ? 'bg-accent-soft shadow-[inset_3px_0_0_var(--accent)]' : ''}`}
    >
      <button
        type="button"
        aria-expanded={open}
        onClick={onToggle}
        className="grid w-full cursor-pointer grid-cols-[1rem_1fr] gap-x-2.5 px-3 py-2 text-left hover:bg-raised/60"
      >
        <Icon className={`mt-0.5 size-4 ${look}`} aria-hidden />
        <span className="min-w-0">
          <span className="flex items-baseline gap-2">
            <span className="min-w-0 truncate text-[0.8125rem] font-medium text-ink">{plain(row.title)}</span>
            {row.edited !== null && (
              <span className="flex shrink-0 items-center gap-1 text-[0.6875rem] text-accent">
                <PencilLine className="size-3" aria-hidden />
                edited since
              </span>
            )}
            <span className={`ml-auto shrink-0 text-[0.6875rem] ${look}`}>{word}</span>
          </span>
          {row.asked !== null && !same && <Value label="asked" text={row.asked} open={open} />}
          <Value
            label={same ? 'asked, got' : 'got'}
            text={row.got ?? 'nothing to see'}
            open={open}
            faint={row.got === null}
          />
        </span>
      </button>
      {open && (
        <div className="px-3 pb-3 pl-[2.375rem] text-xs leading-5 text-muted">
          {row.why && <p className="text-ink">{plain(row.why)}</p>}
          {row.edited !== null && (
            <p className="mt-1 text-ink">
              The file now says <code className="break-all">{plain(row.edited)}</code>: not applied until you
              run the container again.
            </p>
          )}
          {row.source && (
            <p className="mt-1">
              Read from <code className="break-all text-ink">{plain(row.source)}</code>
            </p>
          )}
          {row.command && <RunLine command={row.command} />}
          <button
            type="button"
            onClick={onReveal}
            className="mt-2 inline-flex cursor-pointer items-center gap-1.5 text-accent hover:underline"
          >
            <CornerUpLeft className="size-3.5" aria-hidden /> Show the line: <code>{plain(row.pointer)}</code>
          </button>
        </div>
      )}
    </li>
  )
}

function Value({
  label,
  text,
  open,
  faint = false,
}: {
  label: string
  text: string
  open: boolean
  faint?: boolean
}) {
  return (
    <span className="mt-0.5 grid grid-cols-[auto_1fr] gap-x-2 text-xs leading-5">
      <span className="text-muted">{label}</span>
      <code
        className={`min-w-0 break-all ${open ? '' : 'line-clamp-2'} ${faint ? 'text-muted italic' : 'text-ink'}`}
      >
        {plain(text)}
      </code>
    </span>
  )
}
