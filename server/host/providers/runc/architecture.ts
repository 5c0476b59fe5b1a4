/** The processors that the lab runs on, and what seccomp and Debian call them. */
import type { SeccompArchitecture } from './seccomp.ts'

interface Architecture {
  seccomp: SeccompArchitecture
  /** Of Debian's folders of libraries. */
  triplet: string
}

const ARCHITECTURES: Partial<Record<NodeJS.Architecture, Architecture>> = {
  x64: { seccomp: 'SCMP_ARCH_X86_64', triplet: 'x86_64-linux-gnu' },
  arm64: { seccomp: 'SCMP_ARCH_AARCH64', triplet: 'aarch64-linux-gnu' },
}

/** Throws for any other: a filter for the wrong one would end every program. */
export function architecture(name: NodeJS.Architecture = process.arch): Architecture {
  const known = ARCHITECTURES[name]
  if (!known)
    throw new Error(
      `The lab does not know the processor ${name}: it runs on ${Object.keys(ARCHITECTURES).join(' and ')}.`,
    )
  return known
}
