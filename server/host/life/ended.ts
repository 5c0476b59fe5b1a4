/** Why a sandbox ended, in words for its learner. */
export const ENDED = {
  idle: 'Nobody did anything here for a while, so this sandbox was cleared away.',
  hidden: 'This page was in a background tab for a while, so its sandbox was cleared away.',
  age: 'This sandbox has reached the end of its life.',
  broken: 'The first process of this sandbox has ended, and everything in it with it.',
  unlimited:
    'Something on this host has taken away the limits of this sandbox (its cgroups), so it had to end.',
  stopped: 'The lab has been stopped.',
  drained:
    'The lab has been stopped. Your files were kept: they will be in your next sandbox, once it is back.',
} as const
