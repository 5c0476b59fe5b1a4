/** The way from `docker run` to config.json: the flags that Docker kept of a container, and what each of them became. */
import { bytes, quote } from './row.ts'
import { type Json, type JsonObject, valueAt } from './state.ts'

export interface Flag {
  /** As one would type it. */
  flag: string
  /** Where it went in config.json; empty: it is Docker's own business. */
  became: { pointer: string; value: Json | undefined }[]
  note: string
}

export interface DockerTrace {
  /** The container's name. */
  name: string
  image: string
  /** As Docker would have to be told to make the same container. */
  command: string
  flags: Flag[]
  /** What Docker adds without being asked. */
  added: { title: string; pointer: string; detail: string }[]
}

const text = (value: Json | undefined) => (typeof value === 'string' ? value : '')
const list = (value: Json | undefined) =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []
const number = (value: Json | undefined) => (typeof value === 'number' ? value : 0)

/** Docker writes sizes as it reads them. */
function size(value: number): string {
  for (const [unit, factor] of [
    ['g', 1024 ** 3],
    ['m', 1024 ** 2],
    ['k', 1024],
  ] as const)
    if (value % factor === 0) return `${value / factor}${unit}`
  return `${value}b`
}

/** `own`: config.v2.json, `host`: hostconfig.json, both of /var/lib/docker/containers/ID; `config`: what Docker generated. */
export function dockerTrace(own: JsonObject, host: JsonObject, config: JsonObject): DockerTrace {
  const at = (pointer: string) => valueAt(config, pointer)
  const kept = (pointer: string) => valueAt(own, `/Config${pointer}`)
  const flags: Flag[] = []
  const add = (flag: string, pointers: string[], note = '') =>
    flags.push({ flag, became: pointers.map((pointer) => ({ pointer, value: at(pointer) })), note })
  const resources = '/linux/resources'
  const name = text(own.Name).replace(/^\//, '')
  if (name) add(`--name ${quote(name)}`, [], 'Docker’s own name for it; runc knows the long id.')
  if (kept('/AttachStdout') === false)
    add('-d', [], 'It runs in the background; its output goes to Docker’s log.')
  if (kept('/Tty') === true) add('-t', ['/process/terminal'])
  if (kept('/OpenStdin') === true) add('-i', [], 'The shim keeps the input open.')
  if (host.AutoRemove === true) add('--rm', [], 'Docker deletes it when it ends.')
  if (host.Privileged === true)
    add(
      '--privileged',
      ['/process/capabilities/bounding', '/linux/maskedPaths', '/linux/seccomp'],
      'All capabilities, nothing masked, no seccomp.',
    )
  if (number(host.Memory) > 0)
    add(
      `-m ${size(number(host.Memory))}`,
      [`${resources}/memory/limit`, `${resources}/memory/swap`],
      `${bytes(number(host.Memory))}; without a word on swap Docker allows as much again.`,
    )
  if (number(host.MemoryReservation) > 0)
    add(`--memory-reservation ${size(number(host.MemoryReservation))}`, [`${resources}/memory/reservation`])
  if (number(host.NanoCpus) > 0)
    add(
      `--cpus ${number(host.NanoCpus) / 1e9}`,
      [`${resources}/cpu/quota`, `${resources}/cpu/period`],
      'A share of each period of 100 ms.',
    )
  if (number(host.CpuShares) > 0) add(`--cpu-shares ${number(host.CpuShares)}`, [`${resources}/cpu/shares`])
  if (number(host.CpuQuota) > 0) add(`--cpu-quota ${number(host.CpuQuota)}`, [`${resources}/cpu/quota`])
  if (number(host.CpuPeriod) > 0) add(`--cpu-period ${number(host.CpuPeriod)}`, [`${resources}/cpu/period`])
  if (text(host.CpusetCpus)) add(`--cpuset-cpus ${text(host.CpusetCpus)}`, [`${resources}/cpu/cpus`])
  if (number(host.PidsLimit) > 0) add(`--pids-limit ${number(host.PidsLimit)}`, [`${resources}/pids/limit`])
  for (const capability of list(host.CapAdd))
    add(`--cap-add ${capability.replace(/^CAP_/, '')}`, ['/process/capabilities/bounding'])
  for (const capability of list(host.CapDrop))
    add(`--cap-drop ${capability.replace(/^CAP_/, '')}`, ['/process/capabilities/bounding'])
  for (const option of list(host.SecurityOpt))
    add(
      `--security-opt ${quote(option)}`,
      option.startsWith('seccomp')
        ? ['/linux/seccomp']
        : option.startsWith('no-new')
          ? ['/process/noNewPrivileges']
          : ['/process/apparmorProfile'],
    )
  if (host.ReadonlyRootfs === true) add('--read-only', ['/root/readonly'])
  for (const bind of list(host.Binds))
    add(`-v ${quote(bind)}`, mountPointers(config, bind.split(':')[1] ?? ''), 'A bind mount.')
  for (const mount of objects(host.Mounts))
    add(
      `--mount type=${text(mount.Type)},source=${text(mount.Source)},target=${text(mount.Target)}`,
      mountPointers(config, text(mount.Target)),
    )
  for (const [path, options] of Object.entries(isObject(host.Tmpfs) ? host.Tmpfs : {}))
    add(`--tmpfs ${path}${text(options) ? `:${text(options)}` : ''}`, mountPointers(config, path))
  for (const [key, value] of Object.entries(isObject(host.Sysctls) ? host.Sysctls : {}))
    add(`--sysctl ${key}=${text(value)}`, [`/linux/sysctl/${key}`])
  for (const limit of objects(host.Ulimits))
    add(`--ulimit ${text(limit.Name)}=${number(limit.Soft)}:${number(limit.Hard)}`, ['/process/rlimits'])
  for (const device of objects(host.Devices)) add(`--device ${text(device.PathOnHost)}`, ['/linux/devices'])
  for (const [field, flag, type] of [
    ['NetworkMode', '--network', 'network'],
    ['PidMode', '--pid', 'pid'],
    ['IpcMode', '--ipc', 'ipc'],
    ['UTSMode', '--uts', 'uts'],
    ['UsernsMode', '--userns', 'user'],
  ] as const) {
    const mode = text(host[field])
    if (mode && !['default', 'private', 'bridge', 'shareable'].includes(mode))
      add(
        `${flag} ${mode}`,
        namespacePointers(config, type),
        mode === 'none' ? 'A namespace of its own with loopback alone.' : '',
      )
  }
  if (text(kept('/User'))) add(`-u ${quote(text(kept('/User')))}`, ['/process/user'])
  if (text(kept('/WorkingDir')))
    add(`-w ${quote(text(kept('/WorkingDir')))}`, ['/process/cwd'], 'From the flag, or from the image.')
  const hostname = text(kept('/Hostname'))
  if (hostname && !text(own.ID).startsWith(hostname)) add(`-h ${quote(hostname)}`, ['/hostname'])
  for (const pair of list(kept('/Env')).filter((each) => !each.startsWith('PATH=')))
    add(`-e ${quote(pair)}`, ['/process/env'], 'From the flag, or from the image.')
  for (const [key, value] of Object.entries(isObject(kept('/Labels')) ? (kept('/Labels') as JsonObject) : {}))
    add(`--label ${quote(`${key}=${text(value)}`)}`, [], 'Docker’s own; runc is not told.')
  const image = text(kept('/Image'))
  const words = [text(own.Path), ...list(own.Args)].filter(Boolean)
  add(image, ['/root/path'], 'Its layers, put together by the storage driver.')
  add(
    words.map(quote).join(' '),
    ['/process/args'],
    'From the command line, or the image’s ENTRYPOINT and CMD.',
  )
  const command = [
    'docker run',
    ...flags.slice(0, -2).map(({ flag }) => flag),
    image,
    ...list(kept('/Cmd')).map(quote),
  ].join(' ')
  return { name, image, command, flags, added: addedByDocker(config) }
}

const isObject = (value: Json | undefined): value is JsonObject =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const objects = (value: Json | undefined) => (Array.isArray(value) ? value.filter(isObject) : [])

const mountPointers = (config: JsonObject, destination: string) =>
  objects(config.mounts).flatMap((mount, index) =>
    mount.destination === destination ? [`/mounts/${index}`] : [],
  )

const namespacePointers = (config: JsonObject, type: string) => {
  const found = objects(valueAt(config, '/linux/namespaces')).flatMap((each, index) =>
    each.type === type ? [`/linux/namespaces/${index}`] : [],
  )
  return found.length > 0 ? found : ['/linux/namespaces']
}

function addedByDocker(config: JsonObject): DockerTrace['added'] {
  const at = (pointer: string) => valueAt(config, pointer)
  const count = (pointer: string) => list(at(pointer)).length
  const rows: DockerTrace['added'] = []
  const capabilities = count('/process/capabilities/bounding')
  if (capabilities)
    rows.push({
      title: `${capabilities} capabilities`,
      pointer: '/process/capabilities',
      detail: list(at('/process/capabilities/bounding')).join(', '),
    })
  const seccomp = at('/linux/seccomp')
  const calls = isObject(seccomp) ? objects(seccomp.syscalls).flatMap(({ names }) => list(names)).length : 0
  rows.push(
    calls
      ? {
          title: `a seccomp list of ${calls} system calls`,
          pointer: '/linux/seccomp',
          detail: `Everything else gets ${text(isObject(seccomp) ? seccomp.defaultAction : undefined)}.`,
        }
      : {
          title: 'no seccomp list',
          pointer: '/linux/seccomp',
          detail: 'Docker was told so, or cannot here.',
        },
  )
  if (count('/linux/maskedPaths'))
    rows.push({
      title: `${count('/linux/maskedPaths')} masked paths`,
      pointer: '/linux/maskedPaths',
      detail: list(at('/linux/maskedPaths')).join(', '),
    })
  if (count('/linux/readonlyPaths'))
    rows.push({
      title: `${count('/linux/readonlyPaths')} read-only paths`,
      pointer: '/linux/readonlyPaths',
      detail: list(at('/linux/readonlyPaths')).join(', '),
    })
  const hooks = isObject(config.hooks)
    ? Object.entries(config.hooks).flatMap(([name, each]) =>
        objects(each).map((hook) => `${name}: ${text(hook.path)}`),
      )
    : []
  if (hooks.length)
    rows.push({
      title: `${hooks.length} hook${hooks.length > 1 ? 's' : ''}`,
      pointer: '/hooks',
      detail: hooks.join(', '),
    })
  const files = objects(config.mounts).filter(({ source }) =>
    text(source).startsWith('/var/lib/docker/containers/'),
  )
  if (files.length)
    rows.push({
      title: `${files.length} files of its own over the image’s`,
      pointer: '/mounts',
      detail: files.map(({ destination }) => text(destination)).join(', '),
    })
  const sysctl = Object.entries(isObject(at('/linux/sysctl')) ? (at('/linux/sysctl') as JsonObject) : {})
  if (sysctl.length)
    rows.push({
      title: `${sysctl.length} sysctl${sysctl.length > 1 ? 's' : ''}`,
      pointer: '/linux/sysctl',
      detail: sysctl.map(([key, value]) => `${key} = ${text(value)}`).join(', '),
    })
  return rows
}
