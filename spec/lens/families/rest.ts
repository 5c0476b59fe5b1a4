/** Rows on what never reaches the kernel: versions, annotations, hooks, labels; and on keys that nobody knows. */
import { type Context, objectAt, objects, type Row, row, show } from '../row.ts'
import { escapePointer, type Json } from '../state.ts'

const family = 'runc'

/** Which state a hook sees, and which states mean that it has run. */
export const HOOKS = [
  { name: 'prestart', sees: 'creating', ran: ['created', 'running', 'paused', 'stopped', 'gone'] },
  { name: 'createRuntime', sees: 'creating', ran: ['created', 'running', 'paused', 'stopped', 'gone'] },
  { name: 'createContainer', sees: 'creating', ran: ['created', 'running', 'paused', 'stopped', 'gone'] },
  { name: 'startContainer', sees: 'created', ran: ['running', 'paused', 'stopped', 'gone'] },
  { name: 'poststart', sees: 'running', ran: ['running', 'paused', 'stopped', 'gone'] },
  { name: 'poststop', sees: 'stopped', ran: ['gone'] },
] as const

export function runcRows(c: Context): Row[] {
  const source = `${c.container.dir}/state.json`
  const command = `runc ${c.container.dir.startsWith('/run/runc/') ? '' : `--root ${c.container.dir.slice(0, c.container.dir.lastIndexOf('/'))} `}state ${c.container.id}`
  const rows: Row[] = []
  const version = show(c.at('/ociVersion'))
  rows.push(
    row({
      pointer: '/ociVersion',
      family,
      title: 'ociVersion',
      asked: version,
      got: c.state?.version || null,
      value: c.state?.version,
      source,
      command,
      verdict: version !== null && version === c.state?.version ? 'equal' : 'not-observable',
      why: 'A note to the runtime; the kernel knows nothing of it.',
    }),
  )
  for (const [key, value] of Object.entries(objectAt(c, '/annotations'))) {
    const got = c.state?.annotations[key] ?? null
    rows.push(
      row({
        pointer: `/annotations/${escapePointer(key)}`,
        family,
        title: `annotation ${key}`,
        asked: show(value),
        got,
        value: got ?? undefined,
        source,
        command,
        verdict: got === show(value) ? 'equal' : 'not-observable',
        why: 'runc keeps it with the container’s state; the kernel knows nothing of it.',
      }),
    )
  }
  for (const { name, sees, ran } of HOOKS) {
    objects(c.at(`/hooks/${name}`)).forEach((hook, index) => {
      const done = (ran as readonly string[]).includes(c.container.phase)
      rows.push(
        row({
          pointer: `/hooks/${name}/${index}`,
          family,
          title: `${name} hook`,
          asked: show(hook.path),
          got: done ? 'has run' : 'has not run yet',
          verdict: done ? 'equal' : 'not-applied',
          why: `It is told the state “${sees}”. Nothing of it stays in the kernel: the container’s state shows that runc got past it.`,
          source,
          command,
        }),
      )
    })
  }
  for (const [pointer, why] of Object.entries(SILENT)) {
    const asked = c.at(pointer)
    if (asked !== undefined)
      rows.push(
        row({
          pointer,
          family,
          title: pointer.split('/').at(-1)!,
          asked: show(asked),
          verdict: 'not-observable',
          why,
        }),
      )
  }
  return rows
}

const SILENT: Record<string, string> = {
  '/linux/mountLabel': 'A label of SELinux: without it in the kernel there is nothing to see.',
  '/linux/intelRdt': 'A setting of Intel’s resctrl file system, which this sandbox has not.',
  '/process/commandLine': 'For Windows; runc ignores it.',
  '/linux/seccomp/listenerPath': 'The socket that got the filter’s descriptor when the container began.',
}

/** Pointers to every value in the configuration that is not a container of others. */
export function leaves(value: Json | undefined, pointer = ''): string[] {
  if (Array.isArray(value))
    return value.length ? value.flatMap((each, index) => leaves(each, `${pointer}/${index}`)) : [pointer]
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value)
    return entries.length
      ? entries.flatMap(([key, each]) => leaves(each, `${pointer}/${escapePointer(key)}`))
      : [pointer]
  }
  return [pointer]
}

/** What no other row speaks of. `isKnown` tells keys of the specification from others. */
export function remainingRows(c: Context, rows: Row[], isKnown: (pointer: string) => boolean): Row[] {
  const spoken = rows.map(({ pointer }) => pointer)
  return leaves(c.config)
    .filter((leaf) => leaf && !spoken.some((pointer) => leaf === pointer || leaf.startsWith(`${pointer}/`)))
    .map((pointer) => {
      const known = isKnown(pointer)
      return row({
        pointer,
        family,
        title: pointer.slice(1).replaceAll('/', '.'),
        asked: show(c.at(pointer)),
        verdict: known ? 'not-observable' : 'not-applied',
        why: known ? 'The kernel shows it nowhere.' : 'runc knows no such key and ignores it.',
      })
    })
}
