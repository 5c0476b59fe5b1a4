/** The views of the lens. */

/** By name: what `lens:<view>` in a lesson may lead to. */
export const LENS_VIEWS = [
  'fields',
  'namespaces',
  'processes',
  'capabilities',
  'mounts',
  'cgroup',
  'timeline',
  'docker',
  'compare',
] as const
export type LensView = (typeof LENS_VIEWS)[number]
