/** Rows on who the program is and what it may do: user, groups, capabilities, seccomp, security modules. */
import { CAPABILITIES, CAPABILITY_SETS, decodeMask } from '../capabilities.ts'
import { idInside, type parseIdMap } from '../facts.ts'
import { type Context, type Row, row, sameSet, show, strings, unread } from '../row.ts'

export function userRows(c: Context): Row[] {
  const family = 'user'
  const source = c.proc('status')
  const rows: Row[] = []
  const ids = (name: string, title: string, pointer: string, map: ReturnType<typeof parseIdMap>) => {
    const asked = show(c.at(pointer)) ?? '0'
    const field = c.status.get(name)
    const input = {
      pointer,
      family,
      title,
      asked,
      source,
      command: `grep -E '^(Uid|Gid|Groups)' ${source}`,
    } as const
    if (field === undefined) return unread(input, c, `r ${source}`)
    // Real, effective, saved, file system: they are the same unless the program changed them.
    const outside = Number(field.split(/\s+/)[1])
    const inside = idInside(map, outside)
    const shown =
      inside === null
        ? `none (${outside} in the sandbox)`
        : inside === outside
          ? `${inside}`
          : `${inside} inside, ${outside} in the sandbox`
    return row({
      ...input,
      got: shown,
      value: inside ?? undefined,
      verdict:
        String(inside) === asked ? 'equal' : c.container.phase === 'created' ? 'not-applied' : 'differs',
      why:
        String(inside) === asked
          ? inside === outside
            ? ''
            : 'The user namespace maps one to the other.'
          : c.container.phase === 'created'
            ? 'Created, not started: runc init becomes this user when it starts the program.'
            : 'The program has become another user, or started as one by a set-id bit.',
    })
  }
  rows.push(
    ids('Uid', 'uid', '/process/user/uid', c.uidMap),
    ids('Gid', 'gid', '/process/user/gid', c.gidMap),
  )
  const wanted = c.at('/process/user/additionalGids')
  const groups = (c.status.get('Groups') ?? '').split(/\s+/).filter(Boolean)
  const inside = groups.map((gid) => idInside(c.gidMap, Number(gid)) ?? Number(gid))
  const asked = Array.isArray(wanted) ? wanted.map(String) : null
  rows.push(
    row({
      pointer: '/process/user/additionalGids',
      family,
      title: 'additional groups',
      asked: asked?.join(', ') ?? null,
      got: c.status.size ? inside.join(', ') || 'none' : null,
      value: inside,
      verdict: !c.status.size
        ? 'not-observable'
        : asked === null
          ? 'default'
          : sameSet(asked, inside.map(String))
            ? 'equal'
            : 'differs',
      why:
        asked && !sameSet(asked, inside.map(String))
          ? 'In a user namespace without a group mapping of its own, setgroups(2) may be refused.'
          : '',
      source,
      command: `grep Groups ${source}`,
    }),
  )
  const umask = c.at('/process/user/umask')
  const mask = c.status.get('Umask')
  if (mask !== undefined) {
    const value = Number.parseInt(mask, 8)
    rows.push(
      row({
        pointer: '/process/user/umask',
        family,
        title: 'umask',
        asked: typeof umask === 'number' ? `${umask} (octal 0${umask.toString(8)})` : null,
        got: `${value} (octal ${mask})`,
        value,
        verdict: umask === undefined ? 'default' : umask === value ? 'equal' : 'differs',
        why:
          typeof umask === 'number' && umask !== value
            ? 'JSON knows no octal numbers: 18 is what a shell calls 022. Or the program has set its own.'
            : '',
        source,
        command: `grep Umask ${source}`,
      }),
    )
  }
  return rows
}

export function privilegeRows(c: Context): Row[] {
  return [
    ...CAPABILITY_SETS.map(([set, field]) => capabilityRow(c, set, field)),
    noNewPrivilegesRow(c),
    seccompRow(c),
    ...moduleRows(c),
  ]
}

function capabilityRow(c: Context, set: string, field: string): Row {
  const pointer = `/process/capabilities/${set}`
  const source = c.proc('status')
  const asked = c.at(pointer)
  const all = c.at('/process/capabilities')
  const mask = c.status.get(field)
  const wanted = strings(asked)
  const input = {
    pointer,
    family: 'privileges',
    title: `capabilities, ${set}`,
    asked: asked === undefined ? null : wanted.join(', ') || 'none',
    source,
    command: `capsh --decode=$(grep ${field} ${source} | cut -f2)`,
  } as const
  if (mask === undefined) return unread(input, c, `r ${source}`)
  const got = decodeMask(mask)
  const same = sameSet(wanted, got)
  return row({
    ...input,
    got: got.join(', ') || 'none',
    value: got,
    verdict: same
      ? asked === undefined
        ? 'default'
        : 'equal'
      : asked === undefined && all === undefined
        ? 'default'
        : c.container.phase === 'created'
          ? 'not-applied'
          : 'differs',
    why: same ? '' : capabilityReason(c, set, wanted, got),
  })
}

function capabilityReason(c: Context, set: string, wanted: string[], got: string[]): string {
  const missing = wanted.filter((name) => !got.includes(name))
  const unknown = missing.filter((name) => !CAPABILITIES.includes(name))
  if (unknown.length > 0) return `The kernel knows no ${unknown.join(', ')}: runc warns and leaves it out.`
  const bounding = decodeMask(c.status.get('CapBnd') ?? '')
  const sandbox = decodeMask(c.sandboxStatus.get('CapBnd') ?? '')
  const beyond = missing.filter((name) => sandbox.length > 0 && !sandbox.includes(name))
  if (beyond.length > 0)
    return `The sandbox itself has no ${beyond.join(', ')}: nobody can give what they do not have.`
  const masked = missing.filter((name) => !bounding.includes(name))
  if (masked.length > 0 && set !== 'bounding')
    return `Masked by the bounding set: it has no ${masked.join(', ')}.`
  const uid = idInside(c.uidMap, Number(c.status.get('Uid')?.split(/\s+/)[1]))
  if (missing.length > 0 && uid !== 0 && (set === 'permitted' || set === 'effective'))
    return 'Not root: execve(2) empties the permitted and effective sets but for what is ambient.'
  const permitted = decodeMask(c.status.get('CapPrm') ?? '')
  if (set === 'effective' && missing.some((name) => !permitted.includes(name)))
    return 'What is not permitted cannot be effective.'
  if (set === 'ambient' && missing.length > 0)
    return 'Ambient ones must be permitted and inheritable as well.'
  if (missing.length === 0)
    return `More than asked: ${got.filter((name) => !wanted.includes(name)).join(', ')}.`
  return 'The program has given some away.'
}

function noNewPrivilegesRow(c: Context): Row {
  const source = c.proc('status')
  const asked = c.at('/process/noNewPrivileges')
  const bit = c.status.get('NoNewPrivs')
  const input = {
    pointer: '/process/noNewPrivileges',
    family: 'privileges',
    title: 'noNewPrivileges',
    asked: asked === undefined ? null : String(asked),
    source,
    command: `grep NoNewPrivs ${source}`,
  } as const
  if (bit === undefined) return unread(input, c, `r ${source}`)
  const got = bit === '1'
  const same = got === (asked ?? false)
  return row({
    ...input,
    got: String(got),
    value: got,
    verdict:
      asked === undefined
        ? 'default'
        : same
          ? 'equal'
          : c.container.phase === 'created'
            ? 'not-applied'
            : 'differs',
    why: same
      ? ''
      : c.container.phase === 'created'
        ? 'Created, not started: runc init sets the bit just before it starts the program.'
        : 'It can be set but never taken back: whoever started the container had it.',
  })
}

const MODES = ['no filter', 'strict', 'filter']

function seccompRow(c: Context): Row {
  const source = c.proc('status')
  const asked = c.at('/linux/seccomp')
  const mode = c.status.get('Seccomp')
  const input = {
    pointer: '/linux/seccomp',
    family: 'privileges',
    title: 'seccomp',
    source,
    command: `grep Seccomp ${source}`,
  } as const
  const rules = typeof asked === 'object' && asked !== null && !Array.isArray(asked) ? asked : null
  const words = rules ? `a filter, ${show(rules.defaultAction) ?? 'no'} by default` : null
  if (mode === undefined) return unread({ ...input, asked: words }, c, `r ${source}`)
  const filters = Number(c.status.get('Seccomp_filters') ?? 0)
  const before = Number(c.sandboxStatus.get('Seccomp_filters') ?? 0)
  const own = Math.max(0, filters - before)
  const sandbox = before > 0 ? `, ${before} of them of the sandbox itself` : ''
  const got = `mode ${mode} (${MODES[Number(mode)] ?? 'unknown'}), ${filters} filter${filters === 1 ? '' : 's'}${sandbox}`
  const applied = own > 0
  return row({
    ...input,
    asked: words,
    got,
    value: applied,
    verdict:
      rules === null
        ? applied
          ? 'differs'
          : 'default'
        : applied
          ? 'equal'
          : c.container.phase === 'created'
            ? 'not-applied'
            : 'differs',
    why: applied
      ? rules
        ? 'Its rules cannot be read back, only that it is there.'
        : 'The program has added a filter itself.'
      : rules
        ? c.container.phase === 'created'
          ? 'Created, not started: with noNewPrivileges the filter comes last, just before the program.'
          : 'No filter of the container is in force.'
        : '',
  })
}

function moduleRows(c: Context): Row[] {
  const rows: Row[] = []
  for (const [pointer, title, entry] of [
    ['/process/apparmorProfile', 'apparmorProfile', `R ${c.proc('attr/apparmor/current')}`],
    ['/process/selinuxLabel', 'selinuxLabel', `R ${c.proc('attr/current')}`],
  ] as const) {
    const asked = show(c.at(pointer))
    const text = c.text(entry, `R ${c.proc('attr/current')}`)
    const input = {
      pointer,
      family: 'privileges',
      title,
      asked,
      source: entry.slice(2),
      command: `cat ${entry.slice(2)}`,
    } as const
    if (asked === null && text === null) continue
    const got = text?.replace(/\0|\n/g, '').replace(/ \(.*\)$/, '') ?? null
    rows.push(
      got === null
        ? row({
            ...input,
            verdict: 'not-observable',
            why: 'This kernel runs without that security module, so nothing is confined by it.',
          })
        : row({ ...input, got, value: got }),
    )
  }
  return rows
}
