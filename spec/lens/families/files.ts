/** Rows on what the program sees of files: root, mounts, masked and read-only paths, device nodes. */
import { type Mount, parseNode, placeOf } from '../facts.ts'
import { type Context, objects, type Row, row, show, strings, unread } from '../row.ts'
import type { JsonObject } from '../state.ts'

const family = 'file system'

export function fileRows(c: Context): Row[] {
  return [...rootRows(c), ...mountRows(c), ...maskedRows(c), ...readonlyRows(c), ...deviceRows(c)]
}

const source = (c: Context) => c.proc('mountinfo')
const command = (c: Context, path: string) => `findmnt -N ${c.container.pid} ${path}`
const clean = (path: string) => (path.length > 1 ? path.replace(/\/+$/, '').replace(/\/{2,}/g, '/') : path)
const at = (mounts: Mount[], path: string) => mounts.findLast((mount) => mount.point === clean(path))
const describe = (mount: Mount) =>
  `${mount.type}${mount.root === '/' ? '' : ` (${mount.root})`}: ${mount.options.join(',')}${mount.propagation.length ? `, ${mount.propagation.join(' ')}` : ''}`

function rootRows(c: Context): Row[] {
  const mount = at(c.mounts, '/')
  const path = show(c.at('/root/path'))
  const input = { family, source: source(c), command: command(c, '/') } as const
  const base = { ...input, pointer: '/root/path', title: 'root' }
  if (!mount) return [unread({ ...base, asked: path }, c, `R ${source(c)}`)]
  const full = path === null ? null : clean(path.startsWith('/') ? path : `${c.container.bundle}/${path}`)
  const wanted = full === null ? null : placeOf(c.sandboxMounts, full)
  const same = wanted !== null && wanted.device === mount.device && wanted.root === mount.root
  const got = mount.root === '/' ? `the root of a file system of type ${mount.type}` : mount.root
  const readonly = c.at('/root/readonly')
  const ro = mount.options.includes('ro')
  const rows = [
    row({
      ...base,
      asked: path,
      got,
      value: same ? path : mount.root,
      verdict: path === null ? 'default' : same ? 'equal' : wanted === null ? 'not-observable' : 'differs',
      why: same
        ? path?.startsWith('/')
          ? ''
          : 'The path counts from the bundle.'
        : 'It is not the same directory of the same file system: it has been replaced or mounted over since.',
    }),
    row({
      ...input,
      pointer: '/root/readonly',
      title: 'root, read-only',
      asked: readonly === undefined ? null : String(readonly),
      got: String(ro),
      value: ro,
      verdict: ro === (readonly ?? false) ? (readonly === undefined ? 'default' : 'equal') : 'differs',
      why: ro === (readonly ?? false) ? '' : 'It has been remounted since.',
    }),
  ]
  const asked = show(c.at('/linux/rootfsPropagation'))
  const propagation = propagationOf(mount)
  rows.push(
    row({
      ...input,
      pointer: '/linux/rootfsPropagation',
      title: 'root, propagation',
      asked,
      got: propagation,
      value: propagation,
      verdict:
        asked === null
          ? 'default'
          : asked.replace(/^r(?=private|slave|shared|unbindable)/, '') === propagation
            ? 'equal'
            : 'differs',
      why: asked === null ? 'Without a word, runc makes it private (from rslave while it prepares).' : '',
    }),
  )
  return rows
}

function propagationOf(mount: Mount): string {
  const has = (what: string) => mount.propagation.some((tag) => tag.startsWith(what))
  if (has('shared:')) return 'shared'
  if (has('master:')) return 'slave'
  return has('unbindable') ? 'unbindable' : 'private'
}

/** Options of config.json that mountinfo shows by the same word. */
const FLAGS = ['ro', 'rw', 'nosuid', 'nodev', 'noexec', 'noatime', 'nodiratime', 'relatime', 'nosymfollow']
const OPPOSITES: Record<string, string> = { suid: 'nosuid', dev: 'nodev', exec: 'noexec', rw: 'ro' }
const PROPAGATION = /^r?(private|slave|shared|unbindable)$/

function mountRows(c: Context): Row[] {
  const asked = objects(c.at('/mounts'))
  return asked.map((each, index) => {
    const destination = clean(`/${show(each.destination) ?? ''}`.replace(/^\/\//, '/'))
    const options = strings(each.options)
    const kind = options.some((option) => option === 'bind' || option === 'rbind')
      ? 'bind'
      : (show(each.type) ?? 'bind')
    const input = {
      pointer: `/mounts/${index}`,
      family,
      title: `mount ${destination}`,
      asked: `${kind}${kind === 'bind' ? ` of ${show(each.source)}` : ''}: ${options.join(',') || 'no options'}`,
      source: source(c),
      command: command(c, destination),
    } as const
    if (c.mounts.length === 0) return unread(input, c, `R ${source(c)}`)
    const mount = at(c.mounts, destination)
    if (!mount)
      return row({
        ...input,
        got: 'no mount there',
        verdict: 'differs',
        why: 'Another mount lies over it, it has been unmounted, or a symbolic link leads to another place.',
      })
    const reasons = mountReasons(c, each, kind, options, mount)
    const covered = c.mounts.filter((other) => other.point === mount.point).length > 1
    if (covered) reasons.unshift('Something is mounted over it; this is what one sees.')
    return row({
      ...input,
      got: describe(mount),
      value: mount.options,
      verdict: reasons.length > 0 ? 'differs' : 'equal',
      why: reasons.join(' '),
    })
  })
}

function mountReasons(
  c: Context,
  asked: JsonObject,
  kind: string,
  options: string[],
  mount: Mount,
): string[] {
  const reasons: string[] = []
  // On v1 what one asks for goes to the hierarchies' mounts, not to the tmpfs that holds them.
  const inner = c.mounts.find((other) => other.type === 'cgroup' && other.point.startsWith(`${mount.point}/`))
  const flags = (kind === 'cgroup' && mount.type === 'tmpfs' && inner ? inner : mount).options
  const has = (option: string) => flags.includes(option)
  for (const option of options) {
    if (FLAGS.includes(option) && option !== 'rw' && !has(option))
      reasons.push(`Asked ${option}; the kernel has not set it.`)
    const opposite = OPPOSITES[option]
    if (opposite && has(opposite))
      reasons.push(
        option === 'rw' ? 'The mount is read-only.' : `Asked ${option}; the kernel has ${opposite}.`,
      )
    const propagation = PROPAGATION.exec(option)?.[1]
    if (propagation && propagationOf(mount) !== propagation)
      reasons.push(`Asked ${option}; it is ${propagationOf(mount)}.`)
  }
  if (kind === 'bind') {
    const from = show(asked.source) ?? ''
    const full = clean(from.startsWith('/') ? from : `${c.container.bundle}/${from}`)
    const wanted = placeOf(c.sandboxMounts, full)
    if (wanted && (wanted.device !== mount.device || wanted.root !== mount.root))
      reasons.push(
        `It shows ${mount.root} of a ${mount.type}, not ${full}: the source was a symbolic link, or has been replaced since.`,
      )
  } else if (kind === 'cgroup') {
    // On v1 a tmpfs with one mount for each hierarchy below; on v2 the one hierarchy.
    if (!['cgroup', 'cgroup2', 'tmpfs'].includes(mount.type)) reasons.push(`It is a ${mount.type}.`)
  } else if (kind !== mount.type) reasons.push(`It is a ${mount.type}.`)
  const shown = /^size=(\d+)([kmg]?)$/i.exec(
    mount.superOptions.find((each) => each.startsWith('size=')) ?? '',
  )
  const size = options.map((option) => /^size=(\d+)([kmg]?)$/i.exec(option)).findLast((found) => found)
  if (size && shown && pages(size) !== pages(shown))
    reasons.push(`Asked ${size[0]}; the kernel has ${shown[0]}.`)
  return reasons
}

/** The kernel counts a tmpfs in pages, and writes KiB. */
const pages = ([, number = '', unit = '']: RegExpExecArray) =>
  Math.ceil((Number(number) * ({ k: 1024, m: 1024 ** 2, g: 1024 ** 3 }[unit.toLowerCase()] ?? 1)) / 4096)

const entryOf = (c: Context, path: string) => `s /proc/${c.container.pid}/root${path}`

/** A file gets /dev/null bound over it, a directory an empty read-only tmpfs. */
export const isMasked = (mount: Mount) =>
  (mount.root === '/null' && mount.type !== 'overlay' && mount.point !== '/dev/null') ||
  (mount.type === 'tmpfs' &&
    mount.options.includes('ro') &&
    mount.superOptions.some(
      (option) => option === 'size=4k' || option === 'nr_inodes=1' || option === 'size=0k',
    ))

function maskedRows(c: Context): Row[] {
  return strings(c.at('/linux/maskedPaths')).map((path, index) => {
    const input = {
      pointer: `/linux/maskedPaths/${index}`,
      family,
      title: `masked ${path}`,
      asked: 'nothing to see',
      source: source(c),
      command: command(c, path),
    } as const
    if (c.mounts.length === 0) return unread(input, c, `R ${source(c)}`)
    const mount = at(c.mounts, path)
    if (!mount) return missing(c, input, path, 'masked')
    const got =
      mount.root === '/null'
        ? '/dev/null bound over the file'
        : isMasked(mount)
          ? 'an empty, read-only tmpfs over the directory'
          : describe(mount)
    return row({
      ...input,
      got,
      value: isMasked(mount),
      verdict: isMasked(mount) ? 'equal' : 'differs',
      why: isMasked(mount) ? '' : 'Something else is mounted there.',
    })
  })
}

/** runc leaves out paths that this kernel does not have. */
function missing(c: Context, input: Parameters<typeof row>[0], path: string, what: string): Row {
  const there = c.error(entryOf(c, path)) === null && c.text(entryOf(c, path)) !== null
  return row({
    ...input,
    got: there ? `not ${what}` : 'no such path',
    value: false,
    verdict: there ? 'differs' : 'not-applied',
    why: there
      ? 'No mount lies over it: it has been unmounted, or appeared after the start.'
      : `This kernel has no ${path}, so runc leaves it out.`,
  })
}

function readonlyRows(c: Context): Row[] {
  return strings(c.at('/linux/readonlyPaths')).map((path, index) => {
    const input = {
      pointer: `/linux/readonlyPaths/${index}`,
      family,
      title: `read-only ${path}`,
      asked: 'ro',
      source: source(c),
      command: command(c, path),
    } as const
    if (c.mounts.length === 0) return unread(input, c, `R ${source(c)}`)
    const mount = at(c.mounts, path)
    if (!mount) return missing(c, input, path, 'read-only')
    const ro = mount.options.includes('ro')
    return row({ ...input, got: ro ? 'ro' : 'rw', value: ro, why: ro ? '' : 'It has been remounted since.' })
  })
}

const TYPES: Record<string, string> = { c: 'c', u: 'c', b: 'b', p: 'p' }

function deviceRows(c: Context): Row[] {
  return objects(c.at('/linux/devices')).map((each, index) => {
    const path = show(each.path) ?? ''
    const entry = entryOf(c, path)
    const type = show(each.type) ?? ''
    const number = type === 'p' ? '' : ` ${show(each.major) ?? 0}:${show(each.minor) ?? 0}`
    const mode = typeof each.fileMode === 'number' ? ` mode ${each.fileMode.toString(8)}` : ''
    const file = `/proc/${c.container.pid}/root${path}`
    const input = {
      pointer: `/linux/devices/${index}`,
      family: 'devices',
      title: `device ${path}`,
      asked: `${type}${number}${mode}`,
      source: file,
      command: `ls -ln ${file}`,
    } as const
    const node = parseNode(c.text(entry))
    if (!node)
      return c.error(entry)?.startsWith('No such file')
        ? row({
            ...input,
            got: 'not there',
            verdict: 'differs',
            why: 'The node has been removed, or something is mounted over its directory.',
          })
        : unread(input, c, entry)
    const gotMode = node.mode.toString(8)
    const sameNode =
      TYPES[type] === node.type &&
      (type === 'p' || (node.major === (each.major ?? 0) && node.minor === (each.minor ?? 0)))
    const sameMode = typeof each.fileMode !== 'number' || (each.fileMode & 0o7777) === node.mode
    return row({
      ...input,
      got: `${node.type}${node.type === 'p' ? '' : ` ${node.major}:${node.minor}`} mode ${gotMode}`,
      value: { type: node.type, major: node.major, minor: node.minor, fileMode: node.mode },
      verdict: sameNode && sameMode ? 'equal' : 'differs',
      why:
        sameNode && !sameMode
          ? 'In a user namespace nobody can make device nodes: runc binds the one outside, with its mode and owner.'
          : sameNode && at(c.mounts, path)
            ? 'Bound from outside, because a user namespace cannot make device nodes.'
            : '',
    })
  })
}
