/**
 * How much room each pane takes, remembered in this browser. The sizes stand as CSS variables on <html>, put there by the
 * script in <head> before the first paint, so that nothing jumps when the page comes alive.
 */

/** A set of panes that share a length: three columns are divided otherwise than two. */
export type PaneSet = 'columns' | 'columns-lens' | 'rows'

const listeners = new Set<() => void>()

/** Its name in the browser's storage. */
const keyOf = (set: PaneSet) => `runclab.${set.replace('-', '.')}`

const variable = (set: PaneSet, pane: string) => `--${set}-${pane}`

/** For a style: the share of `pane`, in percent of its set, `initial` until somebody has changed it. */
export const shareOf = (set: PaneSet, pane: string, initial: number) =>
  `var(${variable(set, pane)}, ${initial})`

export interface Share {
  pane: string
  percent: number
}

/** The shares as they are now, in the order given. */
export function readShares(set: PaneSet, initial: readonly Share[]): Share[] {
  const { style } = document.documentElement
  return initial.map(({ pane, percent }) => ({
    pane,
    percent: Number(style.getPropertyValue(variable(set, pane))) || percent,
  }))
}

/** Changes them on the screen. */
export function showShares(set: PaneSet, shares: readonly Share[]): void {
  for (const { pane, percent } of shares)
    document.documentElement.style.setProperty(variable(set, pane), percent.toFixed(2))
  for (const listener of listeners) listener()
}

/** Keeps them for later visits. */
export function keepShares(set: PaneSet, shares: readonly Share[]): void {
  try {
    localStorage.setItem(
      keyOf(set),
      JSON.stringify(Object.fromEntries(shares.map(({ pane, percent }) => [pane, percent]))),
    )
  } catch {
    // Storage is blocked: they last as long as the page.
  }
}

/** Calls `listener` after every change. Returns how to stop. */
export function subscribeShares(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

/**
 * `shares` after the edge behind pane `at` has moved by `by` percent. Only the two neighbours change, and none becomes
 * smaller than its least share.
 */
export function moveEdge(
  shares: readonly Share[],
  at: number,
  by: number,
  least: readonly number[],
): Share[] {
  const before = shares[at]!.percent
  const both = before + shares[at + 1]!.percent
  const moved = Math.max(least[at]!, Math.min(before + by, both - least[at + 1]!))
  return shares.map((share, index) => {
    if (index === at) return { ...share, percent: moved }
    return index === at + 1 ? { ...share, percent: both - moved } : share
  })
}
