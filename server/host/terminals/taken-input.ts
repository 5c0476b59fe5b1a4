/** How much of each tab's input a shell has taken, so that what is sent again after a break is typed once. */

/** Tabs whose input is remembered. One that comes back after so many others is taken at its word. */
const MAX_CLIENTS = 256

export class TakenInput {
  /** The last to type is last. */
  readonly #counts: Map<string, number>
  #forgot: boolean

  constructor({ applied, forgot }: { applied: [string, number][]; forgot: boolean }) {
    this.#counts = new Map(applied)
    this.#forgot = forgot
  }

  /** Bytes taken of a client's stream; `offset` for one that may have been forgotten. */
  of(client: string, offset = 0): number {
    return this.#counts.get(client) ?? (this.#forgot ? offset : 0)
  }

  set(client: string, count: number): void {
    this.#counts.delete(client)
    this.#counts.set(client, count)
    if (this.#counts.size <= MAX_CLIENTS) return
    this.#forgot = true
    this.#counts.delete(this.#counts.keys().next().value!)
  }

  get state(): { applied: [string, number][]; forgot: boolean } {
    return { applied: [...this.#counts], forgot: this.#forgot }
  }
}
