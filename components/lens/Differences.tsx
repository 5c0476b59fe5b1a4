/** Two configurations beside each other: only what differs. */
import { differences, wordDifferences } from '../../spec/lens/diff.ts'
import { show } from '../../spec/lens/row.ts'
import type { JsonObject } from '../../spec/lens/state.ts'
import { plain } from './plain-text.ts'

interface Props {
  left: { name: string; config: JsonObject }
  right: { name: string; config: JsonObject }
}

const MOST = 200

export function Differences({ left, right }: Props) {
  const found = differences(left.config, right.config)
  if (found.length === 0) return <p className="p-4 text-sm text-muted">The two are the same.</p>
  return (
    <>
      <p className="px-3 pb-2 text-xs text-muted">
        {found.length} differences. <b className="text-bad">−</b> only or so in{' '}
        <b className="text-ink">{plain(left.name)}</b>, <b className="text-good">+</b> in{' '}
        <b className="text-ink">{plain(right.name)}</b>.
      </p>
      <ul data-lens="differences">
        {found.slice(0, MOST).map(({ pointer, left, right }) => {
          const words = wordDifferences(left, right)
          return (
            <li key={pointer} className="border-t border-line px-3 py-2 text-xs leading-5">
              <code className="font-medium break-all text-ink">{plain(pointer)}</code>
              {words ? (
                <>
                  {words.removed.length > 0 && <Line sign="−" text={words.removed.join(', ')} />}
                  {words.added.length > 0 && <Line sign="+" text={words.added.join(', ')} />}
                  {words.added.length + words.removed.length === 0 && (
                    <span className="block text-muted">The same words in another order.</span>
                  )}
                </>
              ) : (
                <>
                  {left !== undefined && <Line sign="−" text={short(show(left) ?? '')} />}
                  {right !== undefined && <Line sign="+" text={short(show(right) ?? '')} />}
                </>
              )}
            </li>
          )
        })}
      </ul>
      {found.length > MOST && <p className="p-3 text-xs text-muted">And {found.length - MOST} more.</p>}
    </>
  )
}

const short = (text: string) => (text.length > 400 ? `${text.slice(0, 400)}…` : text)

function Line({ sign, text }: { sign: '−' | '+'; text: string }) {
  return (
    <span
      className={`mt-0.5 grid grid-cols-[0.75rem_1fr] rounded px-1 ${sign === '+' ? 'bg-good-soft' : 'bg-raised'}`}
    >
      <span className={sign === '+' ? 'text-good' : 'text-bad'}>
        <span aria-hidden>{sign}</span>
        <span className="sr-only">{sign === '+' ? 'added: ' : 'removed: '}</span>
      </span>
      <code className="break-all text-ink">{plain(text)}</code>
    </span>
  )
}
