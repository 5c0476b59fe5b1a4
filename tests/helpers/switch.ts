/** A network cable between a browser and a site that can be pulled and plugged in again. */
import net from 'node:net'

export class Switch {
  readonly #server: net.Server
  readonly #sockets = new Set<net.Socket>()
  #on = true

  private constructor(server: net.Server) {
    this.#server = server
  }

  static async start(site: string): Promise<Switch> {
    const { hostname, port } = new URL(site)
    const server = net.createServer({ noDelay: true }, (near) => {
      if (!cable.#on) return near.destroy()
      const far = net.connect({ host: hostname, port: Number(port), noDelay: true })
      for (const [one, other] of [
        [near, far],
        [far, near],
      ] as const) {
        cable.#sockets.add(one)
        one.on('error', () => one.destroy())
        one.on('close', () => {
          cable.#sockets.delete(one)
          other.destroy()
        })
        one.pipe(other)
      }
    })
    const cable = new Switch(server)
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return cable
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as net.AddressInfo).port}`
  }

  /** Every connection ends, in the middle of whatever it carries, and no new one is made. */
  off(): void {
    this.#on = false
    for (const socket of this.#sockets) socket.destroy()
  }

  on(): void {
    this.#on = true
  }

  stop(): void {
    this.off()
    this.#server.close()
  }
}
