'use client'
/** The configuration of this container beside another one's, or beside the file that the learner edits. */
import { askedOf } from '../../spec/lens/look.ts'
import type { JsonObject } from '../../spec/lens/state.ts'
import { shortId } from './ContainerList.tsx'
import { Differences } from './Differences.tsx'
import { Waiting } from './parts.tsx'
import type { LensData } from './use-lens-data.ts'

interface Props extends LensData {
  /** The learner's own file as it is now; null if there is none that can be read. */
  own: JsonObject | null
}

export function CompareTab({ store, state, current, look, own }: Props) {
  const others = state.view.containers.filter(({ dir, phase }) => dir !== current?.dir && phase !== 'gone')
  const other = others.find(({ dir }) => dir === state.compared) ?? null
  const theirs = other && askedOf(other, state.readings[other.dir] ?? {}).asked
  if (!current || !look) return null
  const left = other
    ? theirs
      ? { name: shortId(other), config: theirs.config }
      : null
    : own
      ? { name: 'your config.json', config: own }
      : null
  return (
    <>
      <label className="flex items-center gap-2 px-3 py-2.5 text-xs text-muted">
        Compare with
        <select
          value={other?.dir ?? ''}
          onChange={(event) => store.compare(event.target.value || null)}
          className="h-8 min-w-0 flex-1 rounded-md border border-line bg-surface px-2 text-xs text-ink pointer-coarse:h-10"
        >
          <option value="">your config.json in the editor</option>
          {others.map((each) => (
            <option key={each.dir} value={each.dir}>
              {shortId(each)}
              {each.owner === 'docker' ? ' (Docker’s)' : ''}
            </option>
          ))}
        </select>
      </label>
      {left ? (
        <Differences left={left} right={{ name: shortId(current), config: look.asked.config }} />
      ) : (
        <Waiting>
          {other
            ? 'Reading the other one…'
            : 'There is no config.json of yours yet. Choose another container, or write one with runc spec.'}
        </Waiting>
      )}
    </>
  )
}
