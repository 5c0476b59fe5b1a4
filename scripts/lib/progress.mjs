/** Numbered steps on the screen: a live line on a terminal, and a line now and then in a log. */

// In a log, one line in so many seconds shows that it is alive without filling it.
const LOG_EVERY_MS = 10_000

export class Steps {
  #number = 0
  #total
  #quiet
  #out

  /** `quiet` says nothing about a step that took less than a second. */
  constructor(total, { quiet = false, out = process.stdout } = {}) {
    this.#total = total
    this.#quiet = quiet
    this.#out = out
  }

  /**
   * Runs one step. `work` gets `say(detail)` and returns what to print after the title, or nothing for
   * "done in … s". `open` is for a program that prints to the screen itself: no live line then.
   */
  async step(title, work, { open = false } = {}) {
    const started = performance.now()
    const label = `[${++this.#number}/${this.#total}] ${title}`
    const live = this.#out.isTTY && !open
    let detail = ''
    let lastLog = started
    const seconds = () => (performance.now() - started) / 1000

    const draw = () => {
      const line = `${label}${detail && `: ${detail}`} … ${Math.floor(seconds())} s`
      if (live) this.#out.write(`\r\x1b[K${line.slice(0, (this.#out.columns || 80) - 1)}`)
      else if (!open && performance.now() - lastLog >= LOG_EVERY_MS) {
        lastLog = performance.now()
        this.#out.write(`${line}\n`)
      }
    }
    const timer = setInterval(draw, live ? 250 : 1000)
    const say = (text) => {
      detail = text
      if (live) draw()
    }
    try {
      const result = await work(say)
      if (live) this.#out.write('\r\x1b[K')
      if (this.#quiet && seconds() < 1) return
      this.#out.write(`${label}: ${result ?? `done in ${seconds().toFixed(1)} s`}\n`)
    } catch (error) {
      this.#out.write(`${live ? '\r\x1b[K' : ''}${label}: failed after ${seconds().toFixed(1)} s\n`)
      throw error
    } finally {
      clearInterval(timer)
    }
  }
}
