/** Rules about `mounts` as a list: what covers what, and what no container can do without. */
import type { Mount } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { initFailed } from '../diagnostic.ts'
import { clean, isFragment, isInside, namespaceOf } from './shared.ts'

export function orderRules(context: Context, mounts: readonly Mount[]): void {
  const places = mounts.map(({ destination = '' }) => clean(destination))
  places.forEach((place, i) => {
    if (place === '/') return
    const later = places.findIndex((other, j) => j > i && isInside(place, other) && other !== '/')
    if (later < 0) return
    const pointer = `/mounts/${i}/destination`
    if (places[later] === place) {
      // A second one of these on the same place is the same file system again, which the kernel refuses.
      const { type = '' } = mounts[i]!
      const busy = ['sysfs', 'mqueue'].includes(type) && mounts[later]!.type === type
      context.report({
        id: 'mount-duplicate',
        severity: busy ? 'refused' : 'no-effect',
        pointer: `/mounts/${busy ? later : i}/destination`,
        message: busy
          ? `${type} is mounted here twice.`
          : `Mount ${later} covers this one: both go to ${place}.`,
        runc: busy
          ? initFailed(
              `error mounting "${type}" to rootfs at "${place}": mount src=${type}, dst=${place}: device or resource busy`,
            )
          : null,
        why: 'Mounts are made in the order of the list, and the last one is what the container sees.',
        fix: { title: 'Delete this one', edits: context.remove(`/mounts/${busy ? later : i}`) },
      })
    } else
      context.report({
        id: 'mount-order',
        severity: 'no-effect',
        pointer,
        message: `Mount ${later} on ${places[later]} comes later and covers this one.`,
        why: 'Mounts are made in the order of the list: parents must stand before what is in them.',
        fix: {
          title: 'Move it behind',
          edits: () => {
            const node = context.node(`/mounts/${i}`)!
            const source = context.text.slice(node.offset, node.offset + node.length)
            const target = context.node(`/mounts/${later}`)!
            const gap = /^[^{]*/.exec(context.text.slice(node.offset + node.length))![0]
            const end = target.offset + target.length
            return [
              ...context.remove(`/mounts/${i}`)(),
              { from: end, to: end, text: `${gap.includes(',') ? gap : `, `}${source}` },
            ]
          },
        },
      })
  })
}

/** Mounts that every container needs. */
export function missingRules(context: Context, mounts: readonly Mount[]): void {
  if (!context.spec.root || isFragment(context) || !namespaceOf(context.spec, 'mount')) return
  const has = (place: string) => mounts.some(({ destination = '' }) => clean(destination) === place)
  const { pointer } = { pointer: context.spec.mounts ? '/mounts' : '' }
  const add = (mount: Record<string, string | string[]>) =>
    context.spec.mounts ? context.add('/mounts/0', mount) : context.set('/mounts', [mount])
  if (!has('/proc'))
    context.report({
      id: 'mount-no-proc',
      severity: 'refused',
      pointer,
      on: 'key',
      message: 'Nothing is mounted on /proc.',
      runc: initFailed('unsafe procfs detected: incorrect procfs root filesystem type'),
      why: 'runc reads /proc/sys/kernel/cap_last_cap and others inside the container before it starts the program.',
      fix: { title: 'Mount /proc', edits: add({ destination: '/proc', type: 'proc', source: 'proc' }) },
    })
  if (!has('/dev'))
    context.report({
      id: 'mount-no-dev',
      severity: 'no-effect',
      pointer,
      on: 'key',
      message: 'Nothing is mounted on /dev: device files and links are left behind in the rootfs.',
      why: 'runc makes /dev/null and the others itself; without a tmpfs it writes them into the rootfs, where a second start can stumble over them.',
      fix: {
        title: 'Mount a tmpfs on /dev',
        edits: add({
          destination: '/dev',
          type: 'tmpfs',
          source: 'tmpfs',
          options: ['nosuid', 'strictatime', 'mode=755', 'size=65536k'],
        }),
      },
    })
}
