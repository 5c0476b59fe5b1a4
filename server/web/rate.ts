/** How often something may happen: token buckets, one for each visitor or one for a single connection. */

/** Lets `burst` events through at once and then `perSecond` of them. */
export class Bucket {
  readonly #perSecond: number
  readonly #burst: number
  #tokens: number
  #at: number

  constructor(perSecond: number, burst: number, now = performance.now()) {
    this.#perSecond = perSecond
    this.#burst = burst
    this.#tokens = burst
    this.#at = now
  }

  /** Takes one. Returns 0 if there was one, or else after how many milliseconds there will be (nothing is taken then). */
  take(now = performance.now()): number {
    this.#fill(now)
    if (this.#tokens < 1) return this.#until(1)
    this.#tokens -= 1
    return 0
  }

  /** Takes one in any case, into debt if need be. Returns after how many milliseconds the debt will be paid. */
  spend(now = performance.now()): number {
    this.#fill(now)
    this.#tokens -= 1
    return this.#until(0)
  }

  /** Whether it is as good as new, and need not be remembered. */
  isFull(now = performance.now()): boolean {
    return this.#tokens + ((now - this.#at) / 1000) * this.#perSecond >= this.#burst
  }

  #fill(now: number): void {
    this.#tokens = Math.min(this.#burst, this.#tokens + ((now - this.#at) / 1000) * this.#perSecond)
    this.#at = now
  }

  #until(tokens: number): number {
    return Math.max(0, Math.ceil(((tokens - this.#tokens) / this.#perSecond) * 1000))
  }
}

/** A bucket for each key. Full ones are forgotten, so that memory follows the visitors of the last minute. */
export class Buckets {
  readonly #perSecond: number
  readonly #burst: number
  readonly #buckets = new Map<string, Bucket>()

  constructor(perMinute: number) {
    this.#perSecond = perMinute / 60
    this.#burst = perMinute
  }

  /** As `Bucket.take`. */
  take(key: string, now = performance.now()): number {
    let bucket = this.#buckets.get(key)
    if (!bucket) {
      if (this.#buckets.size >= 10_000) this.#forget(now)
      bucket = new Bucket(this.#perSecond, this.#burst, now)
      this.#buckets.set(key, bucket)
    }
    return bucket.take(now)
  }

  get size(): number {
    return this.#buckets.size
  }

  #forget(now: number): void {
    for (const [key, bucket] of this.#buckets) if (bucket.isFull(now)) this.#buckets.delete(key)
    // More visitors at once than anybody serves: the oldest go, so that memory stays bounded.
    for (const key of this.#buckets.keys()) {
      if (this.#buckets.size < 10_000) break
      this.#buckets.delete(key)
    }
  }
}
