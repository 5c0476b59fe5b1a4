/** The cgroup hierarchies that this host has mounted: one on cgroup v2, several on v1 and hybrid hosts. */
import fs from 'node:fs'
import path from 'node:path'

/** One mounted cgroup hierarchy. Version 1 hosts have several. */
export interface Hierarchy {
  version: 1 | 2
  mount: string
  controllers: string[]
}

/** The words of a kernel file; none if it cannot be read. */
export const readWords = (file: string) => {
  try {
    return fs.readFileSync(file, 'utf8').trim().split(/\s+/).filter(Boolean)
  } catch {
    return []
  }
}

/** The hierarchies of this host, from the text of /proc/self/mountinfo. Named v1 hierarchies (systemd's) are included. */
export function parseHierarchies(mountinfo: string): Hierarchy[] {
  const found: Hierarchy[] = []
  for (const line of mountinfo.split('\n')) {
    const [left, right] = line.split(' - ')
    if (!left || !right) continue
    const mount = left.split(' ')[4]!
    const [type, , options = ''] = right.split(' ')
    if (type !== 'cgroup' && type !== 'cgroup2') continue
    const version = type === 'cgroup2' ? 2 : 1
    const controllers =
      version === 2 ? [] : options.split(',').filter((o) => o !== 'rw' && o !== 'ro' && o !== 'xattr')
    // Others may have mounted the same hierarchy once more, as network plugins do: the first mount is the system's own.
    const known = (h: Hierarchy) => h.version === version && h.controllers.join() === controllers.join()
    if (found.some((h) => h.mount === mount || known(h))) continue
    found.push({ version, mount, controllers })
  }
  for (const h of found) {
    if (h.version === 2) h.controllers = readWords(path.join(h.mount, 'cgroup.controllers'))
  }
  return found
}
