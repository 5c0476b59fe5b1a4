/** Rows on what cgroups count and limit, on v1 and v2. */
import { cgroupFile, SETTINGS, type Setting, THROTTLES } from '../cgroup-files.ts'
import { bytes, type Context, objectAt, objects, type Row, row, show, unread } from '../row.ts'
import { escapePointer, type Json } from '../state.ts'

const family = 'cgroup'
const TOP = '/linux/resources'

export function cgroupRows(c: Context): Row[] {
  const rows = [...placeRows(c)]
  for (const setting of SETTINGS) {
    const made = settingRow(c, setting)
    if (made) rows.push(made)
  }
  return [
    ...rows,
    ...throttleRows(c),
    ...hugepageRows(c),
    ...rdmaRows(c),
    ...unifiedRows(c),
    ...deviceRuleRows(c),
  ]
}

function words(setting: Setting, value: Json | undefined): string | null {
  if (value === undefined) return null
  if (typeof value !== 'number') return show(value) || 'none'
  if (value === -1 && setting.unit !== 'number') return 'no limit'
  if (setting.pointer === '/pids/limit' && value <= 0) return 'no limit'
  if (setting.unit === 'bytes') return `${value} (${bytes(value)})`
  return setting.unit === 'µs' ? `${value} µs` : String(value)
}

/** Settings that one sees also if nobody asked for them. */
const ALWAYS = ['/memory/limit', '/memory/swap', '/cpu/shares', '/cpu/quota', '/cpu/cpus', '/pids/limit']

function settingRow(c: Context, setting: Setting): Row | null {
  const pointer = `${TOP}${setting.pointer}`
  const value = c.at(pointer)
  if (value === undefined && !ALWAYS.includes(setting.pointer)) return null
  const path = cgroupFile(c, setting.v1, setting.v2)
  const input = {
    pointer,
    family,
    title: setting.pointer.slice(1).replace('/', '.'),
    asked: words(setting, value),
    source: path ?? '',
    command: path ? `cat ${path}` : '',
  } as const
  if (!path)
    return value === undefined ? null : row({ ...input, verdict: 'not-observable', why: noFile(c, setting) })
  const text = c.text(`R ${path}`)
  if (text === null) {
    const gone = c.error(`R ${path}`)?.startsWith('No such file')
    if (value === undefined) return null
    return gone
      ? row({
          ...input,
          verdict: 'not-observable',
          why: setting.none ?? 'This cgroup has no such file: the controller is not delegated to it.',
        })
      : unread(input, c, `R ${path}`)
  }
  const parse = c.v2 ? setting.parse2 : setting.parse1
  const got: Json = parse
    ? parse(text.trim(), c)
    : setting.unit === 'text'
      ? text.trim()
      : Number(text.trim())
  const shown = setting.pointer === '/cpu/shares' && c.v2 ? `weight ${got}` : words(setting, got)
  if (value === undefined) return row({ ...input, got: shown, value: got, verdict: 'default' })
  const same = setting.unit === 'text' ? sameList(show(value) ?? '', String(got)) : got === value
  const excuse =
    !same && typeof value === 'number' && typeof got === 'number'
      ? (setting.fits?.(value, got, c.v2) ?? null)
      : null
  return row({
    ...input,
    got: shown,
    value: got,
    verdict: same || excuse ? 'equal' : 'differs',
    why: same ? '' : (excuse ?? 'It has been changed since: by `runc update`, or by hand.'),
  })
}

function noFile(c: Context, setting: Setting): string {
  const paths = Object.keys(c.state?.cgroupPaths ?? {})
  if (paths.length === 0)
    return 'The container has no cgroup of its own: cgroups are not delegated to who runs runc.'
  if (setting.none) return setting.none
  return c.v2 ? 'cgroup v2 has no such file.' : `The hierarchy ${setting.v1?.[0] ?? ''} is not mounted here.`
}

/** 0-1 and 0,1 are the same set. */
function sameList(one: string, other: string): boolean {
  const set = (text: string) =>
    text
      .split(',')
      .flatMap((part) => {
        const [from = 0, to = from] = part.split('-').map(Number)
        return Array.from({ length: Math.min(1024, to - from + 1) }, (_, i) => from + i)
      })
      .sort((a, b) => a - b)
      .join()
  return set(one) === set(other)
}

function placeRows(c: Context): Row[] {
  const pointer = '/linux/cgroupsPath'
  const asked = show(c.at(pointer))
  const source = c.proc('cgroup')
  const text = c.text(`r ${source}`)
  const input = { pointer, family, title: 'cgroupsPath', asked, source, command: `cat ${source}` } as const
  if (text === null) return [unread(input, c, `r ${source}`)]
  const lines = text.split('\n').filter(Boolean)
  const places = lines
    .filter((line) => c.v2 || !line.startsWith('0::'))
    .map((line) => line.split(':').slice(2).join(':'))
  const distinct = [...new Set(places)]
  const wanted = asked ?? `/${c.container.id}`
  const same =
    distinct.length > 0 &&
    distinct.every(
      (place) => place === wanted || place.endsWith(wanted.startsWith('/') ? wanted : `/${wanted}`),
    )
  const systemd = asked !== null && /^[^/]*:[^/]*:[^/]*$/.test(asked)
  return [
    row({
      ...input,
      got: distinct.join(', ') || 'none',
      value: distinct[0] ?? null,
      verdict: asked === null ? 'default' : same ? 'equal' : systemd ? 'not-observable' : 'differs',
      why:
        asked === null
          ? 'Without a path runc takes the container’s id.'
          : same
            ? ''
            : systemd
              ? 'slice:prefix:name is for systemd, which makes a path of its own of it.'
              : 'Seen from the cgroup namespace of the sandbox; the process may have been moved.',
    }),
  ]
}

function throttleRows(c: Context): Row[] {
  return THROTTLES.flatMap(([name, file, word]) =>
    objects(c.at(`${TOP}/blockIO/${name}`)).map((each, index) => {
      const device = `${show(each.major) ?? 0}:${show(each.minor) ?? 0}`
      const path = cgroupFile(c, ['blkio', file], 'io.max')
      const input = {
        pointer: `${TOP}/blockIO/${name}/${index}`,
        family,
        title: `blockIO ${name}`,
        asked: `${device}: ${show(each.rate)}`,
        source: path ?? '',
        command: path ? `cat ${path}` : '',
      } as const
      const text = path ? c.text(`R ${path}`) : null
      if (text === null || !path) return unread(input, c, `R ${path}`)
      const line = text.split('\n').find((line) => line.startsWith(`${device} `))
      const got = c.v2 ? new RegExp(`\\b${word}=(\\S+)`).exec(line ?? '')?.[1] : line?.split(' ')[1]
      return row({ ...input, got: got ? `${device}: ${got}` : 'no limit', value: got ? Number(got) : null })
    }),
  )
}

function hugepageRows(c: Context): Row[] {
  return objects(c.at(`${TOP}/hugepageLimits`)).map((each, index) => {
    const size = show(each.pageSize) ?? ''
    const path = cgroupFile(c, ['hugetlb', `hugetlb.${size}.limit_in_bytes`], `hugetlb.${size}.max`)
    const input = {
      pointer: `${TOP}/hugepageLimits/${index}`,
      family,
      title: `huge pages of ${size}`,
      asked: show(each.limit),
      source: path ?? '',
      command: path ? `cat ${path}` : '',
    } as const
    const text = path ? c.text(`R ${path}`) : null
    if (text === null || !path)
      return path
        ? unread(input, c, `R ${path}`)
        : row({
            ...input,
            verdict: 'not-observable',
            why: 'The hugetlb hierarchy is not mounted here, so nothing is limited.',
          })
    const got = text.trim()
    return row({ ...input, got, value: got === 'max' ? got : Number(got) })
  })
}

function rdmaRows(c: Context): Row[] {
  return Object.entries(objectAt(c, `${TOP}/rdma`)).map(([device, value]) => {
    const path = cgroupFile(c, ['rdma', 'rdma.max'], 'rdma.max')
    const input = {
      pointer: `${TOP}/rdma/${escapePointer(device)}`,
      family,
      title: `rdma ${device}`,
      asked: show(value),
      source: path ?? '',
      command: path ? `cat ${path}` : '',
    } as const
    const text = path ? c.text(`R ${path}`) : null
    const line = text?.split('\n').find((each) => each.startsWith(`${device} `))
    return line
      ? row({
          ...input,
          got: line.slice(device.length + 1),
          verdict: 'equal',
          why: 'Compare the two numbers yourself: the kernel writes them in its own way.',
        })
      : row({
          ...input,
          verdict: 'not-observable',
          why: 'There is no such device here, or no rdma controller.',
        })
  })
}

function unifiedRows(c: Context): Row[] {
  return Object.entries(objectAt(c, `${TOP}/unified`)).map(([file, value]) => {
    const path = cgroupFile(c, null, file)
    const asked = show(value)
    const input = {
      pointer: `${TOP}/unified/${escapePointer(file)}`,
      family,
      title: `unified ${file}`,
      asked,
      source: path ?? '',
      command: path ? `cat ${path}` : '',
    } as const
    if (!path)
      return row({
        ...input,
        verdict: 'not-applied',
        why: 'Only cgroup v2 has files of this name; on v1 runc refuses to start.',
      })
    const got = c.text(`R ${path}`)?.trim()
    if (got === undefined) return unread(input, c, `R ${path}`)
    return row({
      ...input,
      got,
      value: got,
      verdict: got === asked?.trim() ? 'equal' : 'differs',
      why:
        got === asked?.trim()
          ? ''
          : 'The kernel writes some values in its own way (10M as bytes), or it has been changed since.',
    })
  })
}

function deviceRuleRows(c: Context): Row[] {
  const pointer = `${TOP}/devices`
  const asked = objects(c.at(pointer))
  const path = cgroupFile(c, ['devices', 'devices.list'], null)
  const rule = (each: Record<string, Json>) =>
    `${each.allow ? 'allow' : 'deny'} ${show(each.type) ?? 'a'} ${show(each.major) ?? '*'}:${show(each.minor) ?? '*'} ${show(each.access) ?? ''}`
  const input = {
    pointer,
    family,
    title: 'device rules',
    asked: asked.length ? asked.map(rule).join('; ') : null,
    source: path ?? '',
    command: path ? `cat ${path}` : '',
  } as const
  if (c.v2)
    return asked.length
      ? [
          row({
            ...input,
            verdict: 'not-observable',
            why: 'On cgroup v2 it is a BPF program, not a file: `bpftool cgroup show` outside of the sandbox lists it.',
          }),
        ]
      : []
  if (!path) return []
  const text = c.text(`R ${path}`)
  if (text === null) return asked.length ? [unread(input, c, `R ${path}`)] : []
  const got = text.trim().replaceAll('\n', '; ')
  // The list of the cgroup above is what a new one begins with.
  const sandbox = c.text('R /sys/fs/cgroup/devices/devices.list')?.trim().replaceAll('\n', '; ')
  const untouched = /^a \*:\* rwm/.test(got) || got === sandbox
  return [
    row({
      ...input,
      got,
      value: text.trim().split('\n'),
      verdict: asked.length === 0 ? 'default' : untouched ? 'differs' : 'equal',
      why: untouched
        ? 'Not enforceable in a user namespace: runc leaves the rules out there, and those of the sandbox stay in force. Nobody in it can make device nodes anyway.'
        : 'runc always adds what every container needs: null, zero, full, random, urandom, tty, ptys.',
    }),
  ]
}
