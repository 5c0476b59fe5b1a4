/** Learners for whom there is no sandbox yet, in the order in which they came. */
import type { Session } from '../session.ts'

/** A learner who closes the page or loses the connection keeps their place for so long. */
export const KEEP_PLACE_MS = 60_000

export type Obstacle = { why: 'full' | 'address' | 'disk' | 'stopping'; limit: number }

export class WaitingLine {
  readonly #line = new Map<string, Session>()

  get size(): number {
    return this.#line.size
  }

  add(owner: string, session: Session): void {
    this.#line.set(owner, session)
  }

  remove(owner: string): void {
    this.#line.delete(owner)
  }

  /** Lets go of those who have been away for too long. Returns them. */
  forget(now: number): string[] {
    const gone = [...this.#line].filter(
      ([, { lonelySince }]) => lonelySince !== null && now - lonelySince > KEEP_PLACE_MS,
    )
    for (const [owner] of gone) this.#line.delete(owner)
    return gone.map(([owner]) => owner)
  }

  /**
   * Calls `admit` for everybody who is there and whom nothing keeps out, in order, and tells the others their place and
   * what they wait for. `obstacle` is asked again after each that was let in.
   */
  advance(obstacle: (session: Session) => Obstacle | null, admit: (owner: string, session: Session) => void) {
    let place = 0
    for (const [owner, session] of [...this.#line]) {
      const kept = obstacle(session)
      if (!kept && session.lonelySince === null) {
        this.#line.delete(owner)
        admit(owner, session)
        continue
      }
      place++
      const { why, limit } = kept ?? { why: 'full', limit: 0 }
      const { view } = session
      if (view.state === 'waiting' && view.place === place && view.why === why && view.limit === limit)
        continue
      session.setView({ state: 'waiting', place, why, limit })
    }
  }
}
