/** The way into the lens for other panes: opens it at a field or at one of its views. Knows no React. */

/** The lens's views, by name: what `lens:<view>` in a lesson may lead to. */
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

export class LensDoor {
  #wanted: LensView | null = null
  readonly #listeners = new Set<() => void>()

  /** Calls `listener` when the lens is to be opened. Returns how to stop. */
  onOpen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  open(view: LensView): void {
    this.#wanted = view
    for (const listener of this.#listeners) listener()
  }

  /** The view that was asked for, once: whoever shows it takes it. */
  take(): LensView | null {
    const wanted = this.#wanted
    this.#wanted = null
    return wanted
  }
}
