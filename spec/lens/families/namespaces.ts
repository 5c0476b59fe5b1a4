/** Rows on namespaces: which are the container's own, which are shared, and how ids map between them. */
import { NAMESPACE_FILES, parseNode } from '../facts.ts'
import { type Context, objectAt, objects, type Row, row, show, unread } from '../row.ts'

const family = 'namespaces'

export function namespaceRows(c: Context): Row[] {
  return [...typeRows(c), ...pidRows(c), ...mappingRows(c), ...timeRows(c), ...networkRows(c)]
}

const inode = (link: string | null) => /\[(\d+)\]/.exec(link ?? '')?.[1] ?? null

function typeRows(c: Context): Row[] {
  const asked = objects(c.at('/linux/namespaces'))
  const rows = asked.map((each, index) => {
    const type = show(each.type) ?? ''
    const file = NAMESPACE_FILES[type]
    const source = c.proc(`ns/${file}`)
    const path = show(each.path) || null
    const input = {
      pointer: `/linux/namespaces/${index}`,
      family,
      title: `${type} namespace`,
      asked: path ? `the one at ${path}` : 'a new one',
      source,
      command: `readlink ${source} /proc/self/ns/${file}`,
    } as const
    if (!file)
      return row({
        ...input,
        verdict: 'differs',
        got: 'none of this type',
        why: 'The kernel knows no such namespace.',
        source: '',
        command: '',
      })
    const link = c.text(`l ${source}`)
    if (link === null) return unread(input, c, `l ${source}`)
    const sandbox = c.text(`l /proc/self/ns/${file}`)
    const shared = link === sandbox
    if (path) {
      const joined = inode(c.text(`l ${path}`)) ?? String(parseNode(c.text(`s ${path}`))?.inode ?? '')
      const same = joined === inode(link)
      return row({
        ...input,
        got: same ? `${link}, that one${shared ? ': the sandbox’s own' : ''}` : link,
        value: inode(link),
        verdict: same ? 'equal' : joined ? 'differs' : 'not-observable',
        why: same
          ? ''
          : joined
            ? 'The path leads to another namespace by now.'
            : 'The path leads nowhere any more, so it cannot be compared.',
      })
    }
    return row({
      ...input,
      got: shared ? `${link}, shared with the sandbox` : `${link}, its own`,
      value: inode(link),
      verdict: shared ? 'differs' : 'equal',
    })
  })
  const named = new Set(asked.map((each) => NAMESPACE_FILES[show(each.type) ?? '']))
  for (const [type, file] of Object.entries(NAMESPACE_FILES)) {
    if (named.has(file)) continue
    const source = c.proc(`ns/${file}`)
    const link = c.text(`l ${source}`)
    if (link === null) continue
    const shared = link === c.text(`l /proc/self/ns/${file}`)
    rows.push(
      row({
        pointer: '/linux/namespaces',
        family,
        title: `${type} namespace`,
        got: `${link}, ${shared ? 'shared with the sandbox' : 'its own'}`,
        value: inode(link),
        verdict: 'default',
        why: shared ? 'Not listed: the container is in the same one as runc.' : '',
        source,
        command: `readlink ${source} /proc/self/ns/${file}`,
      }),
    )
  }
  return rows
}

function pidRows(c: Context): Row[] {
  const numbers = (c.status.get('NSpid') ?? '').split(/\s+/).filter(Boolean)
  if (numbers.length === 0) return []
  const source = c.proc('status')
  const index = objects(c.at('/linux/namespaces')).findIndex((each) => each.type === 'pid')
  const inside = numbers.at(-1)!
  return [
    row({
      pointer: index < 0 ? '/linux/namespaces' : `/linux/namespaces/${index}`,
      family,
      title: 'pid outside and inside',
      asked: index < 0 ? null : 'pid 1 of a namespace',
      got:
        numbers.length > 1
          ? `${numbers[0]} in the sandbox, ${inside} inside`
          : `${numbers[0]}, here as inside`,
      value: Number(inside),
      verdict: index < 0 ? 'default' : inside === '1' ? 'equal' : 'differs',
      why: index >= 0 && inside !== '1' ? 'It has joined a namespace that has a pid 1 already.' : '',
      source,
      command: `grep NSpid ${source}`,
    }),
  ]
}

function mappingRows(c: Context): Row[] {
  return (['uid', 'gid'] as const).flatMap((kind) => {
    const source = c.proc(`${kind}_map`)
    const map = kind === 'uid' ? c.uidMap : c.gidMap
    const asked = objects(c.at(`/linux/${kind}Mappings`))
    const input = { family, source, command: `cat ${source}` } as const
    const words = (inside: unknown, outside: unknown, count: unknown) =>
      `${inside} inside is ${outside} outside, ${count} ids`
    const rows = asked.map((each, index) => {
      const wanted = words(each.containerID, each.hostID, each.size)
      const found = map.find((range) => range.inside === each.containerID)
      const base = {
        ...input,
        pointer: `/linux/${kind}Mappings/${index}`,
        title: `${kind} mapping`,
        asked: wanted,
      }
      if (map.length === 0) return unread(base, c, `R ${source}`)
      return row({
        ...base,
        got: found ? words(found.inside, found.outside, found.count) : 'no such range',
        value: found ? { containerID: found.inside, hostID: found.outside, size: found.count } : null,
      })
    })
    if (rows.length > 0 || !c.sharesIds) return rows
    return [
      row({
        ...input,
        pointer: `/linux/${kind}Mappings`,
        title: `${kind} mapping`,
        got: 'the same ids as in the sandbox',
        verdict: 'default',
        why: 'No user namespace of its own.',
      }),
    ]
  })
}

function timeRows(c: Context): Row[] {
  const source = c.proc('timens_offsets')
  const text = c.text(`R ${source}`)
  return Object.entries(objectAt(c, '/linux/timeOffsets')).map(([clock, value]) => {
    const offset = objects([value])[0] ?? {}
    const [, seconds = '', nanoseconds = ''] =
      (text ?? '')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .find(([name]) => name === clock) ?? []
    const asked = `${show(offset.secs) ?? 0} s, ${show(offset.nanosecs) ?? 0} ns`
    const input = {
      pointer: `/linux/timeOffsets/${clock}`,
      family,
      title: `offset of ${clock}`,
      asked,
      source,
      command: `cat ${source}`,
    } as const
    if (!seconds) return unread(input, c, `R ${source}`)
    return row({
      ...input,
      got: `${seconds} s, ${nanoseconds} ns`,
      value: { secs: Number(seconds), nanosecs: Number(nanoseconds) },
    })
  })
}

/** Interfaces, as the container's network namespace has them: config.json can only say which namespace. */
function networkRows(c: Context): Row[] {
  const source = c.proc('net/dev')
  const text = c.text(`R ${source}`)
  if (text === null) return []
  const names = text
    .split('\n')
    .slice(2)
    .map((line) => line.slice(0, line.indexOf(':')).trim())
    .filter(Boolean)
  const index = objects(c.at('/linux/namespaces')).findIndex((each) => each.type === 'network')
  const shared = c.text(`l ${c.proc('ns/net')}`) === c.text('l /proc/self/ns/net')
  const rows = [
    row({
      pointer: index < 0 ? '/linux/namespaces' : `/linux/namespaces/${index}`,
      family,
      title: 'network interfaces',
      got: names.join(', ') || 'none',
      value: names,
      verdict: 'default',
      why: shared
        ? 'The sandbox’s own: the network namespace is shared.'
        : names.length === 1
          ? 'A new network namespace has the loopback alone; others are moved in from outside.'
          : '',
      source,
      command: `nsenter -t ${c.container.pid} -n ip -br addr`,
    }),
  ]
  for (const [name, device] of Object.entries(objectAt(c, '/linux/netDevices'))) {
    const wanted = show(objects([device])[0]?.name) ?? name
    rows.push(
      row({
        pointer: `/linux/netDevices/${name}`,
        family,
        title: `net device ${name}`,
        asked: `here as ${wanted}`,
        got: names.includes(wanted) ? `here as ${wanted}` : 'not here',
        source,
        command: `nsenter -t ${c.container.pid} -n ip -br link`,
      }),
    )
  }
  return rows
}
