/**
 * Shells outlive the host process: the one that stops leaves their terminals with a small program (sandbox/host/hold.c),
 * and the one that starts is given them by it. Logs, screens and counts of input go through files in the run directory.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import tty from 'node:tty'
import type { Log } from '../../log.ts'
import type { TerminalDesk } from './desk.ts'
import { HELD_VERSION, HeldSandbox } from './held.ts'
import type { Held } from './terminal.ts'

/** Where the program waits; whoever starts a host process starts it through `hold take` with this socket. */
export const HOLD_SOCKET = 'hold.sock'
const FOLDER = 'held'
/** Set by `hold take`: "connection:descriptor,descriptor,…". */
const VARIABLE = 'RUNCLAB_HELD'
const READY_MS = 5000

/** Leaves all terminals to the next host process; `hold`: the program. To be called last: nothing of them works here any more. */
export async function handOver(
  desks: Map<string, TerminalDesk>,
  { hold, runDir, log }: { hold: string; runDir: string; log: Log },
): Promise<void> {
  const folder = path.join(runDir, FOLDER)
  fs.rmSync(folder, { recursive: true, force: true })
  const busy = [...desks].filter(([, desk]) => desk.views.length > 0)
  if (busy.length === 0) return
  const ready = await Promise.all(
    busy.map(async ([sandbox, desk]) => ({ sandbox, letGo: await desk.prepareHandOver() })),
  )
  // From here on without a pause: a descriptor whose program ends meanwhile would be closed, and its number another's.
  const fds: number[] = []
  const store = (fd: number) => fds.push(fd) - 1
  fs.mkdirSync(folder, { mode: 0o700 })
  for (const { sandbox, letGo } of ready) {
    const held: HeldSandbox = { version: HELD_VERSION, terminals: letGo(store) }
    fs.writeFileSync(path.join(folder, `${sandbox}.json`), JSON.stringify(held), { mode: 0o600 })
  }
  if (fds.length === 0) return
  const holder: ChildProcess = spawn(hold, ['keep', path.join(runDir, HOLD_SOCKET), String(fds.length)], {
    cwd: '/',
    env: { PATH: '/usr/bin' } as unknown as NodeJS.ProcessEnv,
    detached: true,
    stdio: ['ignore', 'pipe', 'inherit', ...fds],
  })
  await new Promise<void>((resolve, reject) => {
    const late = setTimeout(() => reject(new Error('it did not answer')), READY_MS)
    holder.once('error', reject)
    holder.once('exit', (code) => reject(new Error(`it ended with ${code}`)))
    holder.stdout?.once('data', () => {
      clearTimeout(late)
      resolve()
    })
  })
  holder.unref()
  log.debug({ terminals: fds.length }, 'shells left to the next host process')
}

/** What an earlier host process has left. */
export class TakenOver {
  readonly #folder: string
  readonly #connection: number | null = null
  readonly #unclaimed = new Map<number, number>()

  /** Reads the environment, and takes the variable out of it. */
  constructor(runDir: string) {
    this.#folder = path.join(runDir, FOLDER)
    const [connection, fds] = (process.env[VARIABLE] ?? '').split(':')
    delete process.env[VARIABLE]
    if (!connection || !fds) return
    this.#connection = Number(connection)
    for (const [slot, fd] of fds.split(',').entries()) this.#unclaimed.set(slot, Number(fd))
  }

  /** The terminals of a sandbox that are whole. */
  of(sandbox: string): Held[] {
    const terminals = this.#read(sandbox)
    return terminals.flatMap((terminal): Held[] => {
      if (terminal.program === null) return [{ terminal, fd: null }]
      const fd = this.#unclaimed.get(terminal.program.slot)
      if (fd === undefined || !tty.isatty(fd)) return []
      this.#unclaimed.delete(terminal.program.slot)
      return [{ terminal, fd }]
    })
  }

  /** All that is wanted has been taken: the rest is let go, and with it shells of sandboxes that are no more. */
  done(): void {
    for (const fd of this.#unclaimed.values()) fs.closeSync(fd)
    fs.rmSync(this.#folder, { recursive: true, force: true })
    if (this.#connection === null) return
    try {
      fs.writeSync(this.#connection, 'k')
    } catch {
      // The program has ended, for all shells have: there is nothing to be released.
    }
    fs.closeSync(this.#connection)
  }

  #read(sandbox: string): HeldSandbox['terminals'] {
    try {
      const text = fs.readFileSync(path.join(this.#folder, `${sandbox}.json`), 'utf8')
      return HeldSandbox.parse(JSON.parse(text)).terminals
    } catch {
      // None, or of another version: the page says which shells are gone.
      return []
    }
  }
}
