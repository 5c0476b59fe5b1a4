/** What a sandbox of each tier is given beside its system calls: capabilities, devices, mounts. */
import type { Tier } from '../../../protocol/tier.ts'

export interface Rights {
  /** `all`: whatever the host process has itself. They count only against what the sandbox's namespaces own. */
  capabilities: 'all' | string[]
  /** Its own part of the cgroup tree, to divide what it has. */
  ownCgroups: boolean
  /** /proc and /sys as the kernel shows them; otherwise with the covers that containers usually have. */
  uncovered: boolean
  /** Docker with its storage and its programs, /dev/fuse and /dev/net/tun. */
  docker: boolean
}

/** What Docker gives to a container, without NET_RAW. */
const USUAL =
  'CHOWN DAC_OVERRIDE FSETID FOWNER MKNOD SETGID SETUID SETFCAP SETPCAP NET_BIND_SERVICE SYS_CHROOT KILL AUDIT_WRITE'
    .split(' ')
    .map((name) => `CAP_${name}`)

export const RIGHTS: Record<Tier, Rights> = {
  plain: { capabilities: USUAL, ownCgroups: false, uncovered: false, docker: false },
  unshare: { capabilities: 'all', ownCgroups: true, uncovered: true, docker: false },
  docker: { capabilities: 'all', ownCgroups: true, uncovered: true, docker: true },
}

/** What containers usually do not see, and what they see but cannot write. */
export const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/scsi',
  '/proc/sched_debug',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
]
export const READ_ONLY = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']
