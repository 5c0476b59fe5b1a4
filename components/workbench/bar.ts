/** The look of a notice over the machine. */

export const BAR =
  'flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-b border-line bg-warn-soft px-4 py-2.5 text-sm text-ink'
