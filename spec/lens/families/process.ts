/** Rows on the program itself: arguments, environment, directory, terminal, and how it is scheduled. */
import { statField } from '../facts.ts'
import { type Context, objects, quote, type Row, row, show, strings, unread } from '../row.ts'

const family = 'process'

export function processRows(c: Context): Row[] {
  return [
    ...argumentRows(c),
    environmentRow(c),
    directoryRow(c),
    ...terminalRows(c),
    ...schedulerRows(c),
    ...affinityRows(c),
  ]
}

/** In `created`, runc's own init still waits in the place of the program. */
const waits = (c: Context) => c.container.phase === 'created'
const WAITS = 'Created, not started: runc init still waits in its place until `runc start`.'

function argumentRows(c: Context): Row[] {
  const asked = strings(c.at('/process/args'))
  const source = c.proc('cmdline')
  const command = `tr '\\0' ' ' < ${source}; echo`
  const base = {
    pointer: '/process/args',
    family,
    title: 'args',
    asked: asked.map(quote).join(' ') || null,
    source,
    command,
  } as const
  const text = c.text(`r ${source}`)
  if (text === null) return [unread(base, c, `r ${source}`)]
  const got = text.replace(/\0$/, '').split('\0')
  const same = got.length === asked.length && got.every((word, i) => word === asked[i])
  const shown = { ...base, got: got.map(quote).join(' '), value: got }
  const first = waits(c)
    ? row({ ...shown, verdict: 'not-applied', why: WAITS })
    : row({
        ...shown,
        verdict: same ? 'equal' : asked.length ? 'differs' : 'default',
        why: same
          ? ''
          : 'The program has put another one in its place (exec), goes through an interpreter, or has renamed itself.',
      })
  const exe = c.text(`l ${c.proc('exe')}`)
  if (exe === null || asked.length === 0) return [first]
  const program = asked[0]!
  return [
    first,
    row({
      pointer: '/process/args/0',
      family,
      title: 'program file',
      asked: program,
      got: exe,
      source: c.proc('exe'),
      command: `readlink ${c.proc('exe')}`,
      verdict: waits(c) ? 'not-applied' : 'equal',
      why: waits(c)
        ? WAITS
        : program === exe
          ? ''
          : program.includes('/')
            ? 'A symbolic link or an interpreter leads to this file.'
            : 'Found through PATH; behind it may be a symbolic link.',
    }),
  ]
}

function environmentRow(c: Context): Row {
  const asked = strings(c.at('/process/env'))
  const source = c.proc('environ')
  const command = `tr '\\0' '\\n' < ${source}`
  const base = {
    pointer: '/process/env',
    family,
    title: 'env',
    asked: asked.join(' ') || null,
    source,
    command,
  } as const
  const text = c.text(`r ${source}`)
  if (text === null) return unread(base, c, `r ${source}`)
  const got = text.split('\0').filter(Boolean)
  const nameOf = (pair: string) => pair.slice(0, pair.indexOf('='))
  // Of a name that comes twice the last one counts.
  const wanted = new Map(asked.map((pair) => [nameOf(pair), pair]))
  const missing = [...wanted.values()].filter((pair) => !got.includes(pair))
  const added = got.filter((pair) => !wanted.has(nameOf(pair)))
  const shown = { ...base, got: got.join(' '), value: got }
  if (waits(c)) return row({ ...shown, verdict: 'not-applied', why: WAITS })
  if (missing.length > 0)
    return row({
      ...shown,
      verdict: 'differs',
      why: `Not there: ${missing.join(', ')}. This is the environment at exec; the program may have put another one in its place.`,
    })
  const home = added.some((pair) => pair.startsWith('HOME='))
  const why =
    added.length === 0
      ? ''
      : home
        ? 'runc adds HOME from the container’s /etc/passwd.'
        : `Added: ${added.join(', ')}.`
  return row({ ...shown, verdict: asked.length ? 'equal' : 'default', why })
}

function directoryRow(c: Context): Row {
  const source = c.proc('cwd')
  const base = {
    pointer: '/process/cwd',
    family,
    title: 'cwd',
    asked: show(c.at('/process/cwd')),
    source,
    command: `readlink ${source}`,
  } as const
  const got = c.text(`l ${source}`)
  if (got === null) return unread(base, c, `l ${source}`)
  const same = base.asked !== null && got.replace(/\/$/, '') === base.asked.replace(/\/+$/, '')
  return row({
    ...base,
    got,
    value: got,
    verdict: waits(c) && !same ? 'not-applied' : same ? 'equal' : base.asked === null ? 'default' : 'differs',
    why:
      waits(c) && !same
        ? WAITS
        : same
          ? ''
          : 'The program has changed its directory, or a symbolic link leads there.',
  })
}

function terminalRows(c: Context): Row[] {
  const source = c.proc('fd/0')
  const asked = c.at('/process/terminal')
  const links = [0, 1, 2].map((fd) => c.text(`l ${c.proc(`fd/${fd}`)}`))
  const stat = c.text(`r ${c.proc('stat')}`)
  const base = {
    pointer: '/process/terminal',
    family,
    title: 'terminal',
    asked: asked === undefined ? null : String(asked),
    source,
    command: `ls -l ${c.proc('fd')}`,
  } as const
  if (stat === null || links[0] === null) return [unread(base, c, `l ${source}`)]
  const controlling = statField(stat, 7)
  const has = controlling !== '0' && controlling !== ''
  const [one] = links
  const shown = links.every((link) => link === one)
    ? `0, 1, 2: ${one}`
    : links.map((link, fd) => `${fd}: ${link ?? 'closed'}`).join(', ')
  const rows = [
    row({
      ...base,
      got: has ? `${shown}, its controlling terminal` : `${shown}, no terminal of its own`,
      value: has,
      verdict: asked === undefined ? (has ? 'differs' : 'default') : has === asked ? 'equal' : 'differs',
      why:
        has === (asked ?? false)
          ? has
            ? 'A pseudo-terminal of the container’s own devpts.'
            : ''
          : 'The program has given its terminal away, or another one took it.',
    }),
  ]
  const size = c.at('/process/consoleSize')
  if (size !== undefined) {
    const entry = `w ${source}`
    const [width = '', height = ''] = c.text(entry)?.split(' ') ?? []
    const wanted = objects([size])[0] ?? {}
    const asked = `${show(wanted.width)} columns, ${show(wanted.height)} rows`
    const input = {
      pointer: '/process/consoleSize',
      family,
      title: 'consoleSize',
      asked,
      source,
      command: `stty size < ${source}`,
    } as const
    rows.push(
      width
        ? row({
            ...input,
            got: `${width} columns, ${height} rows`,
            value: { width: Number(width), height: Number(height) },
            why:
              asked === `${width} columns, ${height} rows`
                ? ''
                : 'Whoever holds the terminal’s other end has given it another size since.',
          })
        : unread(input, c, entry),
    )
  }
  return rows
}

const POLICIES = [
  'SCHED_OTHER',
  'SCHED_FIFO',
  'SCHED_RR',
  'SCHED_BATCH',
  '',
  'SCHED_IDLE',
  'SCHED_DEADLINE',
  'SCHED_EXT',
]
const IO_CLASSES = ['IOPRIO_CLASS_NONE', 'IOPRIO_CLASS_RT', 'IOPRIO_CLASS_BE', 'IOPRIO_CLASS_IDLE']

function schedulerRows(c: Context): Row[] {
  const rows: Row[] = []
  const stat = c.text(`r ${c.proc('stat')}`)
  const source = c.proc('stat')
  const command = `chrt -p ${c.container.pid}; ps -o ni= -p ${c.container.pid}`
  const add = (name: string, got: string) => {
    const pointer = `/process/scheduler/${name}`
    const asked = show(c.at(pointer))
    if (asked === null) return
    const input = { pointer, family, title: `scheduler ${name}`, asked, source, command } as const
    rows.push(
      stat === null
        ? unread(input, c, `r ${source}`)
        : row({ ...input, got, value: /^-?\d+$/.test(got) ? Number(got) : got }),
    )
  }
  add('policy', POLICIES[Number(statField(stat, 41))] ?? statField(stat, 41))
  add('nice', statField(stat, 19))
  add('priority', statField(stat, 40))
  const io = c.at('/process/ioPriority')
  if (io !== undefined) {
    const wanted = objects([io])[0] ?? {}
    const entry = `i ${c.container.pid}`
    const [kind = '', priority = ''] = c.text(entry)?.split(' ') ?? []
    const asked = `${show(wanted.class)} ${show(wanted.priority) ?? '0'}`
    const input = {
      pointer: '/process/ioPriority',
      family,
      title: 'ioPriority',
      asked,
      source: 'ioprio_get(2)',
      command: `ionice -p ${c.container.pid}`,
    } as const
    const name = IO_CLASSES[Number(kind)] ?? kind
    rows.push(
      kind
        ? row({ ...input, got: `${name} ${priority}`, value: { class: name, priority: Number(priority) } })
        : unread(input, c, entry),
    )
  }
  return rows
}

function affinityRows(c: Context): Row[] {
  const asked = c.at('/process/execCPUAffinity')
  const got = c.status.get('Cpus_allowed_list') ?? null
  const base = {
    pointer: '/process/execCPUAffinity',
    family,
    title: 'processors it may use',
    source: c.proc('status'),
    command: `grep Cpus_allowed_list ${c.proc('status')}`,
    got,
    value: got ?? undefined,
  } as const
  if (asked === undefined) return got === null ? [] : [row({ ...base, verdict: 'default' })]
  return [
    row({
      ...base,
      title: 'execCPUAffinity',
      asked: show(asked),
      verdict: 'not-observable',
      why: 'It is for processes that `runc exec` adds, not for the first one.',
    }),
  ]
}
