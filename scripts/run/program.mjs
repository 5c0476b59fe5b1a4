/** One supervised program: started, started again when it dies, stopped; given up when it never gets to serve. */
import { spawn } from 'node:child_process'
import { lines } from '../lib/command.mjs'
import { root } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'

const FIRST_DELAY_MS = 200
const LAST_DELAY_MS = 5_000
// A program that lived so long starts again without delay; one that dies sooner waits twice as long each time.
const LIVED_WELL_MS = 10_000
const TRIES = 5
const RESTART_PATIENCE_MS = 500
// After its end, so long is waited for what it wrote last.
const LAST_WORDS_MS = 100
const TRIES_WITHIN_MS = 30_000
/** What a program exits with when starting it again cannot help; it has said why on standard error. */
export const EXIT_REFUSED = 3

/** What a program writes may repeat what a learner or a visitor has made up: no character of it commands this terminal. */
const printable = (line) =>
  line.replace(/(?!\t)\p{Cc}/gu, (found) => `\\x${found.charCodeAt(0).toString(16).padStart(2, '0')}`)

export class Program {
  child
  #delay = FIRST_DELAY_MS
  #deaths = []
  #stopping = false
  #restarting = false
  #timer

  /** `on` has listening(message), gaveUp(refusal), and explain(last lines of standard error) -> Refusal or nothing. */
  constructor({ name, command, env, restartPatienceMs }, { say, on }) {
    Object.assign(this, { name, command, env, restartPatienceMs, say, on })
  }

  start() {
    const [file, ...args] = this.command
    const started = Date.now()
    let listened = false
    let tail = []
    const child = spawn(file, args, {
      cwd: root,
      env: this.env,
      stdio: ['ignore', 'inherit', 'pipe', 'ipc'],
      // A session of its own: Ctrl-C in the terminal reaches the supervisor alone, which stops all in order.
      detached: true,
    })
    this.child = child
    // Standard error goes through here, so that the reason for a failed start can be told in words.
    child.stderr.setEncoding('utf8')
    lines(child.stderr, (line) => {
      tail = [...tail.slice(-20), line]
      process.stderr.write(`${printable(line)}\n`)
    })
    child.on('message', (message) => {
      // From here on its end is meant.
      if (message?.type === 'drained') {
        this.#stopping = true
        this.on.drained?.()
      }
      if (message?.type !== 'listening') return
      listened = true
      this.#deaths = []
      this.on.listening(message)
    })
    let over = false
    const end = (code, signal) => {
      if (over) return
      over = true
      this.child = undefined
      this.#ended({ code, signal, listened, tail, lived: Date.now() - started })
    }
    child.on('error', (error) => {
      tail.push(error.message)
      // Nothing else follows when it could not even be started.
      if (!child.pid) end(127, null)
    })
    // Not "close" alone: a grandchild that holds standard error open would put that off for ever.
    child.on('close', end)
    child.on('exit', (code, signal) => setTimeout(end, LAST_WORDS_MS, code, signal))
  }

  #ended({ code, signal, listened, tail, lived }) {
    if (this.#stopping) return
    if (this.#restarting) {
      this.#restarting = false
      this.start()
      return
    }
    const how = signal ?? `exit code ${code}`
    if (code === EXIT_REFUSED) {
      const said = tail.length > 0
      this.on.gaveUp(said ? undefined : new Refusal(`The ${this.name} process refused to start (${how}).`))
      return
    }
    if (!listened) {
      this.#deaths = [...this.#deaths, Date.now()].filter((time) => time > Date.now() - TRIES_WITHIN_MS)
      if (this.#deaths.length >= TRIES) {
        this.on.gaveUp(this.on.explain(tail.join('\n')) ?? this.#neverServed(how, tail))
        return
      }
    }
    if (lived > LIVED_WELL_MS) this.#delay = FIRST_DELAY_MS
    this.say(`${this.name} process ended (${how}), starting it again`)
    this.#timer = setTimeout(() => this.start(), this.#delay)
    this.#delay = Math.min(this.#delay * 2, LAST_DELAY_MS)
  }

  #neverServed(how, tail) {
    return new Refusal(
      `The ${this.name} process ended ${TRIES} times before it could serve anything (${how}).`,
      tail.length > 0 ? 'Its own lines above say why. Then try: npm run doctor' : 'Try: npm run doctor',
    )
  }

  /** Ends it and starts it anew, because its source has changed. It is told: what it keeps, it keeps for its successor. */
  restart() {
    if (!this.child?.connected || this.#restarting || this.#stopping) return
    this.#restarting = true
    const { child } = this
    child.send('restart')
    // Whoever edits is waiting, and open connections are made again anyway.
    setTimeout(() => child.kill('SIGKILL'), this.restartPatienceMs ?? RESTART_PATIENCE_MS).unref()
  }

  /** Asks it to end, and makes it end when it takes too long. Resolves when it is gone. */
  async stop(patienceMs) {
    this.#stopping = true
    clearTimeout(this.#timer)
    const child = this.child
    if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return
    const gone = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGTERM')
    const force = setTimeout(() => {
      this.say(`${this.name} process did not end within ${patienceMs / 1000} s, killing it`)
      child.kill('SIGKILL')
    }, patienceMs)
    await gone
    clearTimeout(force)
  }

  kill() {
    this.#stopping = true
    clearTimeout(this.#timer)
    this.child?.kill('SIGKILL')
  }
}
