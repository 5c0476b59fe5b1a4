/** Checks of the control groups, which bound what a sandbox may use. */
import { accessSync, constants, existsSync, readdirSync, readFileSync, statfsSync } from 'node:fs'
import { release } from 'node:os'
import { gunzipSync } from 'node:zlib'

const ROOT = '/sys/fs/cgroup'
const CGROUP2_MAGIC = 0x63677270

export function cgroupVersion() {
  if (!existsSync(ROOT)) return 'none'
  if (statfsSync(ROOT).type === CGROUP2_MAGIC) return 'v2'
  return existsSync(`${ROOT}/unified`) ? 'hybrid' : 'v1'
}

/** Controllers that can be used, each with the folder of its hierarchy. */
export function controllers(version = cgroupVersion()) {
  if (version === 'v2') {
    const names = readFileSync(`${ROOT}/cgroup.controllers`, 'utf8').trim().split(' ')
    return new Map(names.map((name) => [name, ROOT]))
  }
  const found = new Map()
  for (const line of readFileSync('/proc/self/mounts', 'utf8').split('\n')) {
    const [, path, type, options] = line.split(' ')
    if (type === 'cgroup') for (const name of options.split(',')) found.set(name, path)
  }
  return found
}

export function checkCgroups() {
  const version = cgroupVersion()
  const name = 'cgroups'
  if (version === 'none') {
    return [
      {
        name,
        level: 'fail',
        found: `${ROOT} is missing`,
        todo: 'Mount it: mount -t cgroup2 none /sys/fs/cgroup',
      },
    ]
  }
  const there = controllers(version)
  const words = { v2: 'v2', v1: 'v1', hybrid: 'hybrid (controllers on v1)' }
  return [
    { name, level: 'ok', found: words[version] },
    ...['memory', 'pids', 'cpu'].map((controller) => checkController(controller, there.get(controller))),
    diskSpeed(version, there),
  ]
}

/** Whether LAB_DISK_MBYTES_PER_S and LAB_DISK_OPS_PER_S can be kept. */
function diskSpeed(version, there) {
  const name = 'cgroup io'
  const without = {
    name,
    level: 'warn',
    todo: 'Use a kernel with the io controller and BLK_DEV_THROTTLING, and delegate io to this container if it is one; without, a sandbox that writes without end slows the others down.',
  }
  if (version !== 'v2') {
    const folder = there.get('blkio')
    if (!folder || !existsSync(`${folder}/blkio.throttle.write_bps_device`))
      return { ...without, found: 'disks cannot be limited' }
    const found = `${folder}; on v1 not for who makes cgroups and writes past the cache`
    return { name, level: 'ok', found }
  }
  if (!there.has('io')) return { ...without, found: 'not available' }
  const can = canThrottle()
  if (can === undefined) return { name, level: 'info', found: 'whether disks can be limited is unknown' }
  return can ? { name, level: 'ok', found: ROOT } : { ...without, found: 'disks cannot be limited' }
}

/** Only a cgroup that is not the root one has the file that tells; undefined if there is none and no configuration. */
function canThrottle() {
  const below = readdirSync(ROOT, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  const counted = below.filter((entry) => existsSync(`${ROOT}/${entry.name}/io.stat`))
  if (counted.some((entry) => existsSync(`${ROOT}/${entry.name}/io.max`))) return true
  const packed = '/proc/config.gz'
  const plain = `/boot/config-${release()}`
  try {
    const text = existsSync(packed) ? gunzipSync(readFileSync(packed)) : readFileSync(plain)
    return /^CONFIG_BLK_DEV_THROTTLING=y$/m.test(String(text))
  } catch {
    return undefined
  }
}

function checkController(controller, folder) {
  const name = `cgroup ${controller}`
  if (!folder) {
    const todo =
      controller === 'memory'
        ? 'Start the kernel with cgroup_enable=memory; without it one sandbox can take all memory.'
        : `Use a kernel with the ${controller} controller, and delegate it to this container if it is one.`
    return { name, level: controller === 'cpu' ? 'warn' : 'fail', found: 'not available', todo }
  }
  try {
    accessSync(folder, constants.W_OK)
    return { name, level: 'ok', found: folder }
  } catch {
    const found = `${folder} cannot be written to`
    return { name, level: 'fail', found, todo: `As root: mount -o remount,bind,rw ${folder}` }
  }
}
