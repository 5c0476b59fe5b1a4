/** The kernel's 41 capabilities, by bit. */

const NAMES = `CHOWN DAC_OVERRIDE DAC_READ_SEARCH FOWNER FSETID KILL SETGID SETUID SETPCAP LINUX_IMMUTABLE
  NET_BIND_SERVICE NET_BROADCAST NET_ADMIN NET_RAW IPC_LOCK IPC_OWNER SYS_MODULE SYS_RAWIO SYS_CHROOT SYS_PTRACE
  SYS_PACCT SYS_ADMIN SYS_BOOT SYS_NICE SYS_RESOURCE SYS_TIME SYS_TTY_CONFIG MKNOD LEASE AUDIT_WRITE AUDIT_CONTROL
  SETFCAP MAC_OVERRIDE MAC_ADMIN SYSLOG WAKE_ALARM BLOCK_SUSPEND AUDIT_READ PERFMON BPF CHECKPOINT_RESTORE`

/** CAP_CHOWN is bit 0. */
export const CAPABILITIES: readonly string[] = NAMES.split(/\s+/).map((name) => `CAP_${name}`)

/** The sets, as config.json and as /proc/PID/status call them. */
export const CAPABILITY_SETS = [
  ['bounding', 'CapBnd'],
  ['permitted', 'CapPrm'],
  ['effective', 'CapEff'],
  ['inheritable', 'CapInh'],
  ['ambient', 'CapAmb'],
] as const

/** Names of a mask's bits; bits that this list does not know as numbers. */
export function decodeMask(hex: string): string[] {
  if (!/^[0-9a-f]{1,16}$/i.test(hex)) return []
  const mask = BigInt(`0x${hex}`)
  return Array.from({ length: 64 }, (_, bit) => bit)
    .filter((bit) => (mask >> BigInt(bit)) & 1n)
    .map((bit) => CAPABILITIES[bit] ?? `CAP_${bit}`)
}
