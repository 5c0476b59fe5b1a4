/** A network that fails as networks do, by a seeded plan: cuts, delays, half-closes and refuses connections, so many times. */
import net from 'node:net'

export const FAULTS = ['cut', 'torn', 'swallowed', 'half-closed', 'half-open', 'delayed', 'refused'] as const
export type Fault = (typeof FAULTS)[number]

/** Numbers from 0 to 1, the same for the same seed. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export class ChaosProxy {
  /** How often each fault has happened. */
  readonly happened: Record<Fault, number>
  readonly #server: net.Server
  readonly #target: { host: string; port: number }
  readonly #random: () => number
  readonly #sockets = new Set<net.Socket>()
  #left: number

  private constructor(target: { host: string; port: number }, seed: number, faults: number) {
    this.#target = target
    this.#random = seeded(seed)
    this.#left = faults
    this.happened = Object.fromEntries(FAULTS.map((fault) => [fault, 0])) as Record<Fault, number>
    this.#server = net.createServer({ allowHalfOpen: true, noDelay: true }, (near) => this.#accept(near))
  }

  /** Between its own `url` and `site`; after `faults` faults it only passes bytes on. */
  static async start(site: string, options: { seed: number; faults: number }): Promise<ChaosProxy> {
    const { hostname, port } = new URL(site)
    const proxy = new ChaosProxy({ host: hostname, port: Number(port) }, options.seed, options.faults)
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve))
    return proxy
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`
  }

  get left(): number {
    return this.#left
  }

  stop(): void {
    this.#server.close()
    for (const socket of this.#sockets) socket.destroy()
  }

  #accept(near: net.Socket): void {
    const fault = this.#left > 0 ? FAULTS[Math.floor(this.#random() * FAULTS.length)]! : null
    if (fault) this.#left--
    if (fault) this.happened[fault]++
    near.on('error', () => near.destroy())
    if (fault === 'refused') return void near.resetAndDestroy()
    const far = net.connect({ ...this.#target, allowHalfOpen: true, noDelay: true })
    far.on('error', () => far.destroy())
    for (const socket of [near, far])
      this.#sockets.add(socket.once('close', () => this.#sockets.delete(socket)))
    let linger = 0
    near.once('close', () => setTimeout(() => far.destroy(), linger))
    far.once('close', () => near.destroy())

    const pipes = [new Pipe(near, far), new Pipe(far, near)] as const
    const cut = () => {
      near.resetAndDestroy()
      far.resetAndDestroy()
    }
    if (!fault) return
    const [up, down] = this.#random() < 0.5 ? pipes : [pipes[1], pipes[0]]
    // Half of the connections break by the clock, the others in the midst of their bytes.
    const bytes = Math.floor(300 + this.#random() * 6000)
    const ms = 5 + this.#random() * 100
    const pause = 10 + this.#random() * 60
    const strike = () => {
      if (near.destroyed) return
      switch (fault) {
        case 'cut':
          return cut()
        case 'torn':
          // What comes next arrives in part.
          up.onBytes = (chunk) => {
            up.onBytes = () => null
            setTimeout(cut, 5)
            return chunk.subarray(0, Math.ceil(chunk.length / 2))
          }
          return void setTimeout(cut, 200)
        case 'swallowed':
          up.onBytes = () => null
          return void setTimeout(cut, pause)
        case 'half-closed':
          // One side hears of the end, the other goes on talking.
          up.to.end()
          up.onBytes = () => null
          return void setTimeout(cut, pause * 3)
        case 'half-open':
          // One side hears of it much later: until then there are two connections of one tab.
          linger = pause * 3
          return void near.resetAndDestroy()
        case 'delayed':
          up.hold()
          down.hold()
          return void setTimeout(() => {
            up.release()
            down.release()
            setTimeout(cut, pause)
          }, pause)
      }
    }
    if (this.#random() < 0.5) setTimeout(strike, ms)
    else up.after(bytes, strike, 300)
  }
}

/** One direction of a connection. */
class Pipe {
  readonly from: net.Socket
  readonly to: net.Socket
  /** Looks at each chunk, and may take it away. */
  onBytes: ((chunk: Buffer) => Buffer | null) | null = null
  #passed = 0
  #limit = Number.POSITIVE_INFINITY
  #then: (() => void) | null = null

  constructor(from: net.Socket, to: net.Socket) {
    this.from = from
    this.to = to
    from.on('data', (chunk) => {
      const kept = this.onBytes ? this.onBytes(chunk) : chunk
      if (kept && !to.writableEnded && !to.write(kept)) {
        from.pause()
        to.once('drain', () => from.resume())
      }
      this.#passed += chunk.length
      if (this.#passed >= this.#limit) this.#now()
    })
    from.on('end', () => to.end())
  }

  /** Calls `then` once so many bytes have passed, or this time has. */
  after(bytes: number, then: () => void, ms: number): void {
    this.#limit = bytes
    this.#then = then
    setTimeout(() => this.#now(), ms)
  }

  hold(): void {
    this.from.pause()
  }

  release(): void {
    this.from.resume()
  }

  #now(): void {
    this.#then?.()
    this.#then = null
  }
}
