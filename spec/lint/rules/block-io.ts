/** Rules about the rarer limits: block devices, huge pages, RDMA, network, and the raw files of cgroup v2. */
import type { Context } from '../context.ts'
import { failed } from '../diagnostic.ts'
import { onVersion, setFailed, writeFailed } from './resources.ts'

const THROTTLES = [
  ['throttleReadBpsDevice', 'read_bps'],
  ['throttleWriteBpsDevice', 'write_bps'],
  ['throttleReadIOPSDevice', 'read_iops'],
  ['throttleWriteIOPSDevice', 'write_iops'],
] as const

/** Sizes of huge pages that processors with Linux have, as the kernel names its files. */
const PAGE_SIZES = [
  '64KB',
  '512KB',
  '1MB',
  '2MB',
  '4MB',
  '8MB',
  '16MB',
  '32MB',
  '64MB',
  '256MB',
  '512MB',
  '1GB',
  '2GB',
  '16GB',
]

export function blockRules(context: Context): void {
  const { resources } = context.spec.linux!
  const { blockIO } = resources!
  const at = '/linux/resources'
  for (const name of ['weight', 'leafWeight'] as const) {
    const value = blockIO?.[name]
    if (value !== undefined && value > 1000)
      context.report({
        id: 'blkio-weight-range',
        severity: 'refused',
        pointer: `${at}/blockIO/${name}`,
        message: 'A weight goes from 10 to 1000.',
        runc: writeFailed(value, 'blkio.bfq.weight', 'numerical result out of range'),
        why: 'It is a share among containers that use the same disk.',
        fix: { title: 'Write 500', edits: context.set(`${at}/blockIO/${name}`, 500) },
      })
    else if (value !== undefined && value < 10)
      context.report({
        id: 'blkio-weight-range',
        severity: value === 0 ? 'no-effect' : 'fails-later',
        pointer: `${at}/blockIO/${name}`,
        message: value === 0 ? '0 counts as not set.' : 'A weight goes from 10 to 1000.',
        why: 'It is a share among containers that use the same disk. Some kernels take smaller ones.',
        fix: { title: 'Write 500', edits: context.set(`${at}/blockIO/${name}`, 500) },
      })
  }
  if (blockIO?.leafWeight)
    context.report({
      id: 'blkio-leaf-weight',
      severity: 'fails-later',
      pointer: `${at}/blockIO/leafWeight`,
      message: 'Kernels since 5.0 have no leaf weight.',
      runc: writeFailed(blockIO.leafWeight, 'blkio.leaf_weight', 'no such file or directory'),
      why: 'It went away together with the CFQ scheduler.',
      fix: { title: 'Delete it', edits: context.remove(`${at}/blockIO/leafWeight`) },
    })
  for (const [name, file] of THROTTLES)
    blockIO?.[name]?.forEach(({ major = 0, minor = 0, rate = 0 }, i) => {
      if (major === 0 || major > 511)
        context.report({
          id: 'blkio-device',
          severity: 'refused',
          pointer: `${at}/blockIO/${name}/${i}`,
          message: `There is no block device ${major}:${minor}.`,
          runc: writeFailed(`${major}:${minor} ${rate}`, `blkio.throttle.${file}_device`, 'no such device'),
          why: '`lsblk` shows the numbers of the disks; a partition has no limit of its own.',
        })
      else
        context.report({
          id: 'blkio-device',
          severity: 'fails-later',
          pointer: `${at}/blockIO/${name}/${i}`,
          message: `runc refuses this if the machine has no disk ${major}:${minor}.`,
          runc: writeFailed(`${major}:${minor} ${rate}`, `blkio.throttle.${file}_device`, 'no such device'),
          why: '`lsblk` shows the numbers of the disks; a partition has no limit of its own.',
        })
    })
  blockIO?.weightDevice?.forEach(({ major = 0, minor = 0, weight = 0 }, i) => {
    context.report({
      id: 'blkio-device',
      severity: 'fails-later',
      pointer: `${at}/blockIO/weightDevice/${i}`,
      message: `runc refuses this if the machine has no disk ${major}:${minor} with the bfq scheduler.`,
      runc: writeFailed(`${major}:${minor} ${weight}`, 'blkio.bfq.weight_device', 'no such device'),
      why: '`lsblk` shows the numbers of the disks.',
    })
  })
  resources!.hugepageLimits?.forEach(({ pageSize = '' }, i) => {
    const pointer = `${at}/hugepageLimits/${i}/pageSize`
    const normal = /^(\d+)\s*([kmg])i?b?$/i.exec(pageSize)
    const kilo = normal ? Number(normal[1]) * 1024 ** 'kmg'.indexOf(normal[2]!.toLowerCase()) : 0
    const right = PAGE_SIZES.find((known) => {
      const [, count, unit] = /^(\d+)(.)B$/.exec(known)!
      return Number(count) * 1024 ** 'KMG'.indexOf(unit!) === kilo
    })
    if (PAGE_SIZES.includes(pageSize))
      context.report({
        id: 'hugepage-available',
        severity: 'fails-later',
        pointer,
        message: `runc refuses this where the kernel has no huge pages of ${pageSize} or no hugetlb controller.`,
        runc: setFailed('cannot set hugetlb limit: container could not join or create cgroup'),
        why: 'Each size is a file of its own in the cgroup.',
      })
    else
      context.report({
        id: 'hugepage-size',
        severity: 'refused',
        pointer,
        message:
          pageSize === ''
            ? 'A limit for huge pages needs a pageSize.'
            : `"${pageSize}" is no size of huge pages.`,
        runc: setFailed(
          `open /sys/fs/cgroup/…/hugetlb.${pageSize}.limit_in_bytes: no such file or directory`,
        ),
        why: 'It is part of a file name of the kernel: 2MB, 1GB, 64KB.',
        fix: right ? { title: `Write "${right}"`, edits: context.set(pointer, right) } : null,
      })
  })
  const controllers: [name: 'rdma' | 'network', controller: string, has: boolean][] = [
    ['rdma', 'rdma', Object.keys(resources!.rdma ?? {}).length > 0],
    [
      'network',
      'net_cls',
      Boolean(resources!.network?.classID) || (resources!.network?.priorities?.length ?? 0) > 0,
    ],
  ]
  for (const [name, controller, has] of controllers)
    if (has)
      context.report({
        id: `${name}-controller`,
        severity:
          context.host?.controllers &&
          !context.host.controllers.includes(controller) &&
          context.host.cgroup !== 'v2'
            ? 'refused'
            : 'fails-later',
        pointer: `${at}/${name}`,
        message: `runc refuses this where the ${name === 'rdma' ? 'rdma' : 'net_cls and net_prio'} controller is not there.`,
        runc: setFailed(`cannot set ${controller} limit: container could not join or create cgroup`),
        why:
          name === 'rdma'
            ? 'Few machines have RDMA hardware.'
            : 'cgroup v2 has neither; runc ignores both there.',
      })
  const { unified } = resources!
  if (unified && Object.keys(unified).length > 0) {
    const severity = onVersion(context, 'v1')
    if (severity)
      context.report({
        id: 'unified-v1',
        severity,
        pointer: `${at}/unified`,
        message: '"unified" works on cgroup v2 only.',
        runc: failed('invalid configuration: cannot use unified on cgroup v1'),
        why: 'Its keys are names of files that cgroup v1 does not have. A sandbox on a host with v1 controllers refuses it.',
      })
    for (const name of Object.keys(unified))
      if (name.includes('/'))
        context.report({
          id: 'unified-name',
          severity: 'refused',
          pointer: `${at}/unified/${name.replaceAll('~', '~0').replaceAll('/', '~1')}`,
          on: 'key',
          message: 'A key of "unified" is the name of a file, without a slash.',
          runc: failed(`unified resource "${name}" must be a file name (no slashes)`),
          why: 'The file lies in the cgroup of the container.',
        })
  }
}
