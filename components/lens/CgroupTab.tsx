/** What the container uses against what it may: memory, processor, processes, with their history, and its place in the tree. */
import type { Container, Readings } from '../../spec/lens/facts.ts'
import { cpuUse, limitsOf, type Sample } from '../../spec/lens/gauges.ts'
import type { Look } from '../../spec/lens/look.ts'
import { bytes } from '../../spec/lens/row.ts'
import { Lead, TD, TH } from './parts.tsx'
import { plain } from './plain-text.ts'
import { Sparkline } from './Sparkline.tsx'

interface Props {
  container: Container
  readings: Readings
  samples: readonly Sample[]
  look: Look
}

type Point = readonly [ago: number, value: number]

export function CgroupTab({ container, readings, samples, look }: Props) {
  const limits = limitsOf(readings, container)
  const last = samples.at(-1)
  if (!last)
    return <Lead>Nothing is counted for it: the container has no cgroup of its own, or is gone.</Lead>
  const points = (of: (sample: Sample) => number | null): Point[] =>
    samples.flatMap((sample) => {
      const value = of(sample)
      return value === null ? [] : [[(last.at - sample.at) / 1000, value] as const]
    })
  const cpu = samples.slice(1).flatMap((sample, index) => {
    const use = cpuUse(samples[index]!, sample)
    return use === null ? [] : [[(last.at - sample.at) / 1000, use] as const]
  })
  return (
    <div className="pb-4">
      <Gauge
        name="Memory"
        now={last.memory === null ? null : bytes(last.memory)}
        limit={limits.memory === null ? 'no limit' : bytes(limits.memory)}
        share={share(last.memory, limits.memory)}
        points={points(({ memory }) => memory)}
        most={limits.memory}
        format={bytes}
        trouble={last.oomKills ? `${last.oomKills} killed for lack of memory` : ''}
      />
      <Gauge
        name="Processor"
        now={cpu.length ? `${cpu.at(-1)![1].toFixed(2)} of a processor` : null}
        limit={limits.cpu === null ? 'no ceiling' : `${limits.cpu} of a processor`}
        share={share(cpu.at(-1)?.[1] ?? null, limits.cpu)}
        points={cpu}
        most={limits.cpu}
        format={(value) => value.toFixed(2)}
        trouble={
          last.throttled
            ? `throttled ${last.throttled} times, ${((last.throttledUs ?? 0) / 1e6).toFixed(1)} s of waiting`
            : ''
        }
      />
      <Gauge
        name="Processes"
        now={last.pids === null ? null : String(last.pids)}
        limit={limits.pids === null ? 'no limit' : String(limits.pids)}
        share={share(last.pids, limits.pids)}
        points={points(({ pids }) => pids)}
        most={limits.pids}
        format={String}
        trouble={last.refused ? `${last.refused} refused by the limit` : ''}
      />
      <Place look={look} />
    </div>
  )
}

const share = (now: number | null, limit: number | null) =>
  now === null || !limit ? null : Math.min(1, now / limit)

interface GaugeProps {
  name: string
  /** Null: it could not be read. */
  now: string | null
  limit: string
  share: number | null
  points: readonly Point[]
  most: number | null
  format: (value: number) => string
  trouble: string
}

function Gauge({ name, now, limit, share, points, most, format, trouble }: GaugeProps) {
  const percent = share === null ? '' : `, ${Math.round(share * 100)} %`
  return (
    <section aria-label={name} data-gauge={name} className="border-b border-line px-3 py-2.5">
      <h3 className="flex items-baseline gap-2 text-[0.8125rem] font-medium text-ink">
        {name}
        <span className="ml-auto text-xs font-normal text-ink tabular-nums">{now ?? 'not counted'}</span>
        <span className="text-xs font-normal text-muted tabular-nums">
          of {limit}
          {percent}
        </span>
      </h3>
      <div className="mt-1.5 rounded border border-line">
        <Sparkline
          points={points}
          limit={most}
          label={`${name} over the last minute: now ${now ?? 'unknown'}, limit ${limit}`}
        />
      </div>
      {trouble && <p className="mt-1 text-xs font-medium text-warn">▲ {trouble}</p>}
      <details className="mt-1 text-xs text-muted">
        <summary className="cursor-pointer">As a table</summary>
        <table className="mt-1 w-full">
          <thead>
            <tr>
              <th className={TH}>seconds ago</th>
              <th className={TH}>{name.toLowerCase()}</th>
            </tr>
          </thead>
          <tbody>
            {points
              .filter((_, index) => (points.length - 1 - index) % 8 === 0)
              .map(([ago, value]) => (
                <tr key={ago}>
                  <td className={TD}>{ago.toFixed(0)}</td>
                  <td className={TD}>{format(value)}</td>
                </tr>
              ))}
          </tbody>
        </table>
      </details>
    </section>
  )
}

/** Where it is in the tree of cgroups: one path, or one for each hierarchy of v1. */
function Place({ look }: { look: Look }) {
  const paths = look.state?.cgroupPaths ?? {}
  const groups = new Map<string, string[]>()
  for (const [name, path] of Object.entries(paths)) {
    // On v1 the hierarchy's own folder comes first; below it the places are usually the same.
    const place = name
      ? path.replace(/^\/sys\/fs\/cgroup\/[^/]+/, '')
      : path.replace(/^\/sys\/fs\/cgroup/, '')
    groups.set(place, [...(groups.get(place) ?? []), name || 'all controllers'])
  }
  if (groups.size === 0) return null
  return (
    <section aria-label="Place in the cgroup tree" className="px-3 py-2.5">
      <h3 className="text-[0.8125rem] font-medium text-ink">Place in the cgroup tree</h3>
      {[...groups].map(([place, names]) => (
        <div key={place} className="mt-1.5 text-xs">
          <ul className="leading-5">
            {['/ (the sandbox)', ...place.split('/').filter(Boolean)].map((part, depth, all) => (
              <li
                key={`${depth} ${part}`}
                style={{ paddingLeft: `${depth * 1}rem` }}
                className={depth === all.length - 1 ? 'font-semibold text-ink' : 'text-muted'}
              >
                <span aria-hidden>{depth === 0 ? '' : '└ '}</span>
                <code className="break-all">{plain(part)}</code>
              </li>
            ))}
          </ul>
          <p className="text-[0.6875rem] text-muted">{plain(names.join(', '))}</p>
        </div>
      ))}
    </section>
  )
}
