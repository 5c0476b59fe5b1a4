/** Rows on limits of the process itself: rlimits and the score by which the kernel chooses whom to kill. */

import { type Context, objects, type Row, row, show, unread } from '../row.ts'
import type { Json } from '../state.ts'

const family = 'limits'

/** Names in /proc/PID/limits. */
const RLIMITS: Record<string, string> = {
  RLIMIT_CPU: 'Max cpu time',
  RLIMIT_FSIZE: 'Max file size',
  RLIMIT_DATA: 'Max data size',
  RLIMIT_STACK: 'Max stack size',
  RLIMIT_CORE: 'Max core file size',
  RLIMIT_RSS: 'Max resident set',
  RLIMIT_NPROC: 'Max processes',
  RLIMIT_NOFILE: 'Max open files',
  RLIMIT_MEMLOCK: 'Max locked memory',
  RLIMIT_AS: 'Max address space',
  RLIMIT_LOCKS: 'Max file locks',
  RLIMIT_SIGPENDING: 'Max pending signals',
  RLIMIT_MSGQUEUE: 'Max msgqueue size',
  RLIMIT_NICE: 'Max nice priority',
  RLIMIT_RTPRIO: 'Max realtime priority',
  RLIMIT_RTTIME: 'Max realtime timeout',
}

/** RLIM_INFINITY, as 64 bits with or without a sign; JSON’s numbers are not as exact. */
const INFINITY = [2 ** 64, 2 ** 63]
const words = (value: Json | undefined) =>
  typeof value === 'number' && INFINITY.includes(value) ? 'unlimited' : (show(value) ?? 'missing')

/** Soft and hard by the kernel's name. */
function parseLimits(text: string | null): Map<string, [string, string]> {
  const found = new Map<string, [string, string]>()
  for (const line of (text ?? '').split('\n').slice(1)) {
    const [, name, soft, hard] = /^(.{25}) (\S+)\s+(\S+)/.exec(line) ?? []
    if (name && soft && hard) found.set(name.trim(), [soft, hard])
  }
  return found
}

export function limitRows(c: Context): Row[] {
  const source = c.proc('limits')
  const entry = `R ${source}`
  const text = c.text(entry)
  const limits = parseLimits(text)
  const asked = objects(c.at('/process/rlimits'))
  const rows = asked.map((limit, index) => {
    const type = show(limit.type) ?? ''
    const name = RLIMITS[type]
    const found = name ? limits.get(name) : undefined
    const wanted = `soft ${words(limit.soft)}, hard ${words(limit.hard)}`
    const input = {
      pointer: `/process/rlimits/${index}`,
      family,
      title: type,
      asked: wanted,
      source,
      command: `grep ${JSON.stringify(name ?? 'Max')} ${source}`,
    } as const
    if (text === null) return unread(input, c, entry)
    if (!found)
      return row({
        ...input,
        verdict: 'differs',
        got: 'none of this name',
        why: 'The kernel knows no such limit.',
      })
    const got = `soft ${found[0]}, hard ${found[1]}`
    const repeated = asked.slice(index + 1).some((other) => other.type === limit.type)
    return row({
      ...input,
      got,
      value: { type, soft: numeric(found[0]), hard: numeric(found[1]) },
      why:
        got === wanted
          ? ''
          : repeated
            ? 'The same limit is set again further down.'
            : 'The program or somebody outside (prlimit) has changed it since.',
    })
  })
  const named = new Set(asked.map((limit) => limit.type))
  for (const [type, name] of Object.entries(RLIMITS)) {
    const found = limits.get(name)
    if (!found || named.has(type)) continue
    rows.push(
      row({
        pointer: '/process/rlimits',
        family,
        title: type,
        got: `soft ${found[0]}, hard ${found[1]}`,
        value: { type, soft: numeric(found[0]), hard: numeric(found[1]) },
        verdict: 'default',
        why: 'Inherited from whoever started the container.',
        source,
        command: `grep ${JSON.stringify(name)} ${source}`,
      }),
    )
  }
  return [...rows, oomRow(c)]
}

const numeric = (text: string): Json => (text === 'unlimited' ? text : Number(text))

function oomRow(c: Context): Row {
  const source = c.proc('oom_score_adj')
  const asked = show(c.at('/process/oomScoreAdj'))
  const got = c.text(`r ${source}`)?.trim() ?? null
  const score = c.text(`r ${c.proc('oom_score')}`)?.trim()
  const before = c.text('R /proc/self/oom_score_adj')?.trim()
  const input = {
    pointer: '/process/oomScoreAdj',
    family,
    title: 'oomScoreAdj',
    asked,
    source,
    command: `cat ${source} ${c.proc('oom_score')}`,
  } as const
  if (got === null) return unread(input, c, `r ${source}`)
  return row({
    ...input,
    got: score ? `${got}, which makes a badness of ${score}` : got,
    value: Number(got),
    verdict: asked === null ? 'default' : asked === got ? 'equal' : 'differs',
    why:
      asked === got
        ? ''
        : asked === null
          ? 'Inherited from whoever started the container.'
          : `Lowering it below what one has (${before ?? 'here'}) needs CAP_SYS_RESOURCE outside of any user namespace.`,
  })
}
