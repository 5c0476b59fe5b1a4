/** Rows on what namespaces carry with them: host name, domain name, sysctls, personality. */
import { type Context, objectAt, type Row, row, show, unread } from '../row.ts'

const family = 'kernel'

/** Which namespaces a sysctl belongs to, as the collector's letters. */
export function sysctlNamespaces(key: string): string {
  if (key.startsWith('net.')) return 'n'
  if (key === 'kernel.domainname' || key === 'kernel.hostname') return 'u'
  return 'i'
}

/** net.ipv4.ip_forward, or with slashes where a name has dots in it. */
export const sysctlPath = (key: string) => `/proc/sys/${key.includes('/') ? key : key.replaceAll('.', '/')}`

export const sysctlEntry = (pid: number, key: string) =>
  `n ${pid} ${sysctlNamespaces(key)} ${sysctlPath(key)}`

export function kernelRows(c: Context): Row[] {
  return [...nameRows(c), ...sysctlRows(c), ...personalityRows(c)]
}

function nameRows(c: Context): Row[] {
  const { pid } = c.container
  const entry = `n ${pid} u uname`
  const names = c.text(entry)?.split('\n')
  return (['hostname', 'domainname'] as const).map((name, index) => {
    const asked = show(c.at(`/${name}`))
    const file = `/proc/sys/kernel/${name}`
    const input = {
      pointer: `/${name}`,
      family,
      title: name,
      asked,
      source: `${file}, in its UTS namespace`,
      command: `nsenter -t ${pid} -u cat ${file}`,
    } as const
    const got = names?.[index]
    if (got === undefined) return unread(input, c, entry)
    return row({
      ...input,
      got,
      value: got,
      verdict: asked === null ? 'default' : asked === got ? 'equal' : 'differs',
      why:
        asked === got
          ? `/proc/${pid}/root${file} would show the name of whoever reads it.`
          : asked === null
            ? 'A new UTS namespace begins with the names of the one it was made in.'
            : 'It has been changed since (sethostname).',
    })
  })
}

function sysctlRows(c: Context): Row[] {
  const { pid } = c.container
  const kinds = { n: 'network', u: 'UTS', i: 'IPC' }
  return Object.entries(objectAt(c, '/linux/sysctl')).map(([key, value]) => {
    const entry = sysctlEntry(pid, key)
    const letter = sysctlNamespaces(key) as keyof typeof kinds
    const path = sysctlPath(key)
    const asked = show(value)?.trim().replace(/\s+/g, ' ') ?? null
    const input = {
      pointer: `/linux/sysctl/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`,
      family,
      title: key,
      asked,
      source: `${path}, in its ${kinds[letter]} namespace`,
      command: `nsenter -t ${pid} -${letter} cat ${path}`,
    } as const
    const got = c.text(entry)?.trim().replace(/\s+/g, ' ')
    if (got === undefined) return unread(input, c, entry)
    return row({
      ...input,
      got,
      value: got,
      why: asked === got ? '' : 'The kernel has adjusted it, or it has been written since.',
    })
  })
}

const DOMAINS: Record<string, string> = { LINUX: '00000000', LINUX32: '00000008' }

function personalityRows(c: Context): Row[] {
  const asked = show(c.at('/linux/personality/domain'))
  const source = c.proc('personality')
  const text = c.text(`R ${source}`)?.trim()
  if (asked === null) return []
  const input = {
    pointer: '/linux/personality/domain',
    family,
    title: 'personality',
    asked,
    source,
    command: `cat ${source}`,
  } as const
  if (text === undefined) return [unread(input, c, `R ${source}`)]
  const got = Object.entries(DOMAINS).find(([, mask]) => mask === text)?.[0] ?? text
  return [row({ ...input, got, value: got })]
}
