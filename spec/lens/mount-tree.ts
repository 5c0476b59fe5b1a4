/** A container's mounts as a tree of paths, each with what is special about it. */
import type { Mount } from './facts.ts'
import { isMasked } from './families/files.ts'

export interface MountNode {
  mount: Mount
  depth: number
  /** The path below its parent's. */
  name: string
  badges: ('masked' | 'read-only' | 'bind' | 'shared' | 'slave' | 'covered')[]
}

export function mountTree(mounts: readonly Mount[]): MountNode[] {
  const last = new Map(mounts.map((mount) => [mount.point, mount]))
  const points = [...mounts].sort((one, other) =>
    one.point < other.point ? -1 : one.point > other.point ? 1 : 0,
  )
  const above: Mount[] = []
  return points.slice(0, 300).map((mount) => {
    const isBelow = (parent: Mount) =>
      parent.point !== mount.point && (parent.point === '/' || mount.point.startsWith(`${parent.point}/`))
    while (above.length > 0 && !isBelow(above.at(-1)!)) above.pop()
    const parent = above.at(-1)
    const depth = above.length
    above.push(mount)
    const has = (tag: string) => mount.propagation.some((each) => each.startsWith(tag))
    const badges: MountNode['badges'] = []
    if (last.get(mount.point) !== mount) badges.push('covered')
    if (isMasked(mount)) badges.push('masked')
    else if (mount.options.includes('ro')) badges.push('read-only')
    if (mount.root !== '/' && mount.type !== 'cgroup' && mount.type !== 'cgroup2' && !isMasked(mount))
      badges.push('bind')
    if (has('shared:')) badges.push('shared')
    if (has('master:')) badges.push('slave')
    return {
      mount,
      depth,
      name: parent && parent.point !== '/' ? mount.point.slice(parent.point.length) : mount.point,
      badges,
    }
  })
}
