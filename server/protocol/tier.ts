/** How much of the kernel a lesson's sandbox may use: the less a lesson asks for, the less there is to attack. */

/**
 * From least to most. `plain`: an ordinary container; files, shells, jq. `unshare`: namespaces, mounts, cgroups and runc
 * too. `docker`: Docker as well, with packet filters and packet sockets.
 */
export const TIERS = ['plain', 'unshare', 'docker'] as const
export type Tier = (typeof TIERS)[number]

/** Of a lesson that names none. */
export const DEFAULT_TIER: Tier = 'docker'

/** Whether a sandbox of tier `has` is enough for a lesson of tier `needs`. */
export const suffices = (has: Tier, needs: Tier) => TIERS.indexOf(has) >= TIERS.indexOf(needs)

/** The higher of two. */
export const higher = (a: Tier, b: Tier): Tier => (suffices(a, b) ? a : b)
