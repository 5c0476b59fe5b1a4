'use client'
/** From `docker run` to config.json: the flags, what each of them became, and what Docker adds without being asked. */
import { type DockerTrace, dockerTrace } from '../../spec/lens/docker.ts'
import { textOf } from '../../spec/lens/facts.ts'
import { show } from '../../spec/lens/row.ts'
import { type Json, type JsonObject, parseJson } from '../../spec/lens/state.ts'
import { Differences } from './Differences.tsx'
import { Waiting } from './parts.tsx'
import { plain } from './plain-text.ts'
import { RunLine } from './RunLine.tsx'
import type { LensData } from './use-lens-data.ts'

interface Props extends LensData {
  own: JsonObject | null
  onReveal: (pointer: string) => void
}

export function DockerTab({ current, readings, look, own, onReveal }: Props) {
  if (!current || !look) return null
  const kept = (file: string) =>
    parseJson(textOf(readings, `b /var/lib/docker/containers/${current.id}/${file}`))
  const container = kept('config.v2.json')
  const host = kept('hostconfig.json')
  if (!container || !host)
    return (
      <Waiting>What Docker keeps of this container could not be read. It is gone, or not Docker’s.</Waiting>
    )
  const trace = dockerTrace(container, host, look.asked.config)
  return (
    <div className="pb-4">
      <section aria-label="The command" className="px-3 py-3">
        <h3 className="text-[0.8125rem] font-medium text-ink">The command</h3>
        <p className="mt-1 text-xs leading-5 text-muted">
          Docker keeps the settings, not the words: this makes the same container. Below, each setting and
          what it became in <code className="break-all text-ink">{plain(current.bundle)}/config.json</code>.
        </p>
        <RunLine command={trace.command} />
      </section>
      <Flags trace={trace} onReveal={onReveal} />
      <section aria-label="What Docker adds" className="px-3 py-3">
        <h3 className="text-[0.8125rem] font-medium text-ink">What Docker adds without being asked</h3>
        <ul className="mt-1.5 space-y-1.5">
          {trace.added.map(({ title, pointer, detail }) => (
            <li key={title} className="text-xs leading-5">
              <b className="font-medium text-ink">{plain(title)}</b>{' '}
              <code className="text-muted">{pointer}</code>
              <span className="block break-words text-muted">{plain(detail)}</span>
            </li>
          ))}
        </ul>
      </section>
      <section aria-label="Beside your own">
        <h3 className="px-3 pt-3 pb-1 text-[0.8125rem] font-medium text-ink">Beside your own config.json</h3>
        {own ? (
          <Differences
            left={{ name: 'your config.json', config: own }}
            right={{ name: trace.name || 'Docker’s', config: look.asked.config }}
          />
        ) : (
          <p className="px-3 text-xs text-muted">There is none yet: `runc spec` writes one.</p>
        )}
      </section>
    </div>
  )
}

function Flags({ trace, onReveal }: { trace: DockerTrace; onReveal: (pointer: string) => void }) {
  return (
    <section aria-label="Flags" className="border-y border-line">
      <ul data-lens="flags">
        {trace.flags.map(({ flag, became, note }, index) => (
          <li
            key={`${flag} ${index}`}
            className="border-b border-line px-3 py-2 text-xs leading-5 last:border-b-0"
          >
            <code className="font-semibold break-all text-ink">{plain(flag)}</code>
            {became.map(({ pointer, value }) => (
              <span key={pointer} className="mt-0.5 grid grid-cols-[auto_1fr] gap-x-2">
                <span className="text-muted" aria-hidden>
                  →
                </span>
                <span className="min-w-0">
                  <button
                    type="button"
                    className="cursor-pointer break-all text-accent hover:underline"
                    onClick={() => onReveal(pointer)}
                  >
                    <code>{plain(pointer)}</code>
                  </button>{' '}
                  <code className="break-all text-ink">
                    {value === undefined ? 'left out' : plain(short(value))}
                  </code>
                </span>
              </span>
            ))}
            {note && <span className="block text-muted">{note}</span>}
          </li>
        ))}
      </ul>
    </section>
  )
}

function short(value: Json): string {
  const text = show(value) ?? ''
  return text.length > 160 ? `${text.slice(0, 160)}…` : text
}
