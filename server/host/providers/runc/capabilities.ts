/** The names of Linux capabilities, and which of them this host can hand on. */
import fs from 'node:fs'

/** In the kernel's order: the index is the bit. Source: include/uapi/linux/capability.h. */
const NAMES =
  'CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE'
    .split(' ')
    .map((name) => `CAP_${name}`)

/** The names of the bits set in a mask in hexadecimal, such as `CapBnd` of /proc/self/status. */
export function capabilityNames(hexMask: string): string[] {
  const mask = BigInt(`0x${hexMask}`)
  return NAMES.filter((_, bit) => (mask >> BigInt(bit)) & 1n)
}

/** The bounding set of this process: asking the runtime for more fails with "unable to apply caps". */
export function availableCapabilities(): string[] {
  const status = fs.readFileSync('/proc/self/status', 'utf8')
  return capabilityNames(/^CapBnd:\s*([0-9a-f]+)$/m.exec(status)![1]!)
}
