/** The way into the lens for other panes: opens it at a field or at one of its views. Knows no React. */

import type { LensView } from '../../spec/lens/views.ts'

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
