/** The states of a container in the order of its life, with the one it is in lit, and the hooks that ran on the way. */
import type { Container, Phase } from '../../spec/lens/facts.ts'
import { HOOKS } from '../../spec/lens/families/rest.ts'
import type { Look } from '../../spec/lens/look.ts'
import { objects } from '../../spec/lens/row.ts'
import { valueAt } from '../../spec/lens/state.ts'
import { explainExit } from '../../spec/lens/timeline.ts'
import { plain } from './plain-text.ts'

const STATES: { phase: Phase; word: string; next: string }[] = [
  { phase: 'creating', word: 'creating', next: '→' },
  { phase: 'created', word: 'created', next: '→' },
  { phase: 'running', word: 'running', next: '⇄' },
  { phase: 'paused', word: 'paused', next: '→' },
  { phase: 'stopped', word: 'stopped', next: '→' },
  { phase: 'gone', word: 'deleted', next: '' },
]

interface Props {
  container: Container
  look: Look | null
  /** Memory ran out at some time. */
  oom: boolean
  /** What Docker calls it; empty if it is not Docker's. */
  name: string
}

export function StateMachine({ container, look, oom, name }: Props) {
  const hooks = HOOKS.flatMap(({ name, ran }) => {
    const count = objects(valueAt(look?.asked.config, `/hooks/${name}`)).length
    return count > 0 ? [{ name, count, done: (ran as readonly string[]).includes(container.phase) }] : []
  })
  const pids = container.nspid.trim().split(/\s+/).filter(Boolean)
  return (
    <div className="shrink-0 border-b border-line px-3 py-2.5">
      <ol aria-label="State" className="flex flex-wrap items-center gap-x-1 gap-y-1 text-[0.6875rem]">
        {STATES.map(({ phase, word, next }) => {
          const lit = phase === container.phase
          return (
            <li key={phase} className="flex items-center gap-1" aria-current={lit ? 'step' : undefined}>
              <span
                className={`rounded-full py-0.5 ${lit ? 'bg-accent px-2 font-semibold text-accent-ink' : 'text-muted'}`}
              >
                {word}
              </span>
              {next && (
                <span className="text-muted" aria-hidden>
                  {next}
                </span>
              )}
            </li>
          )
        })}
      </ol>
      <div className="mt-1.5 text-xs leading-5 text-muted">
        {name && (
          <>
            Docker calls it <b className="font-semibold text-ink">{plain(name)}</b>.{' '}
          </>
        )}
        {pids.length > 1 && ['created', 'running', 'paused'].includes(container.phase) && (
          <>
            pid <b className="font-semibold text-ink">{pids[0]}</b> outside is{' '}
            <b className="font-semibold text-ink">{pids.at(-1)}</b> inside.{' '}
          </>
        )}
        {container.bundle && (
          <span className="flex min-w-0 gap-1" title={plain(container.bundle)}>
            Bundle <code className="min-w-0 truncate text-ink">{plain(container.bundle)}</code>
          </span>
        )}
        {container.exit !== null && <>Exit {explainExit(container.exit, oom)}.</>}
      </div>
      {hooks.length > 0 && (
        <ul aria-label="Hooks" className="mt-1.5 flex flex-wrap gap-1.5 text-xs">
          {hooks.map(({ name, count, done }) => (
            <li
              key={name}
              className={`rounded border px-1.5 py-0.5 ${done ? 'border-good text-good' : 'border-line text-muted'}`}
            >
              {done ? '✓' : '○'} {name}
              {count > 1 ? ` ×${count}` : ''}{' '}
              <span className="sr-only">{done ? 'has run' : 'has not run'}</span>
            </li>
          ))}
        </ul>
      )}
    </div>
  )
}
