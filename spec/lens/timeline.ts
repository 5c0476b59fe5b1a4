/** What happened to a container, as sentences: runc's commands, starts, ends and what an exit code means. */

import type { Sample } from './gauges.ts'

/** As the collector tells it; see `LensEvent` in server/protocol/lens.ts. */
export interface Event {
  seq: number
  at: number
  dir: string
  what: string
  detail: string
}

/** Between arguments, since spaces may be part of one. */
const BETWEEN = '\x1f'

const VERBS = [
  'create',
  'run',
  'start',
  'exec',
  'kill',
  'pause',
  'resume',
  'update',
  'delete',
  'checkpoint',
  'restore',
]
/** Options before the command that have a value of their own. */
const GLOBAL_VALUES = ['root', 'log', 'log-format', 'criu', 'rootless']

export interface RuncCommand {
  /** Null: the default of whoever ran it. */
  root: string | null
  verb: string
  /** What follows the verb. */
  rest: string[]
}

/** Reads the arguments of a runc; null if they are none that change a container. */
export function parseCommand(detail: string): RuncCommand | null {
  const words = detail.split(BETWEEN).slice(1)
  let root: string | null = null
  for (let at = 0; at < words.length; at++) {
    const word = words[at]!
    const [, name, value] = /^--?([\w-]+)(?:=(.*))?$/s.exec(word) ?? []
    if (name === undefined)
      return VERBS.includes(word) ? { root, verb: word, rest: words.slice(at + 1) } : null
    if (!GLOBAL_VALUES.includes(name)) continue
    const given = value ?? words[++at] ?? ''
    if (name === 'root') root = given.replace(/^\/var\/run\//, '/run/')
  }
  return null
}

export const isTelling = (detail: string) => parseCommand(detail) !== null

/** Whether a command is about the container with this state directory. */
export function concerns(command: RuncCommand, dir: string): boolean {
  const slash = dir.lastIndexOf('/')
  if (command.root !== null && command.root.replace(/\/+$/, '') !== dir.slice(0, slash)) return false
  if (command.root === null && dir.startsWith('/run/docker/')) return false
  return command.rest.includes(dir.slice(slash + 1))
}

export const SIGNALS: Readonly<Record<number, string>> = {
  1: 'SIGHUP',
  2: 'SIGINT',
  3: 'SIGQUIT',
  4: 'SIGILL',
  5: 'SIGTRAP',
  6: 'SIGABRT',
  7: 'SIGBUS',
  8: 'SIGFPE',
  9: 'SIGKILL',
  10: 'SIGUSR1',
  11: 'SIGSEGV',
  12: 'SIGUSR2',
  13: 'SIGPIPE',
  14: 'SIGALRM',
  15: 'SIGTERM',
  31: 'SIGSYS',
}

/** A wait status as the kernel keeps it: the exit code, or the signal. */
export function readExit(status: number): { code: number; signal: number | null } {
  const signal = status & 0x7f
  return signal === 0 ? { code: (status >> 8) & 0xff, signal: null } : { code: 128 + signal, signal }
}

const CODES: Record<number, string> = {
  0: 'all went well',
  1: 'the program says that something went wrong',
  2: 'wrong usage, by many programs’ custom',
  125: 'docker itself failed',
  126: 'the file is there but cannot be executed',
  127: 'there is no such program',
  255: 'out of range, or runc itself failed',
}

/** "137 = 128 + 9 (SIGKILL)" and what that means. */
export function explainExit(status: number, oom = false): string {
  const { code, signal } = readExit(status)
  if (signal !== null) {
    const name = SIGNALS[signal] ?? `signal ${signal}`
    const meaning =
      signal === 9
        ? oom
          ? 'killed by the kernel, because memory ran out'
          : 'killed: it could not object'
        : signal === 15
          ? 'asked to end, and did'
          : signal === 11
            ? 'it touched memory that is not its own'
            : signal === 31
              ? 'a system call that seccomp forbids'
              : 'ended by this signal'
    return `${code} = 128 + ${signal} (${name}): ${meaning}`
  }
  if (code > 128 && SIGNALS[code - 128])
    return `${code} = 128 + ${code - 128}: a program inside was ended by ${SIGNALS[code - 128]}, and the shell passed it on`
  return `${code}: ${CODES[code] ?? 'what it means, the program’s manual says'}`
}

export interface Moment {
  key: string
  at: number
  kind: 'command' | 'state' | 'trouble' | 'end'
  title: string
  /** Empty if there is nothing more to say. */
  detail: string
}

const TITLES: Record<string, [Moment['kind'], string]> = {
  created: ['state', 'Created'],
  started: ['state', 'Started'],
  paused: ['state', 'Paused'],
  resumed: ['state', 'Resumed'],
  changed: ['state', 'Updated'],
  deleted: ['end', 'Deleted'],
}

const DETAILS: Record<string, string> = {
  created: 'Namespaces, mounts and cgroups are there; runc init waits at exec.fifo.',
  started: 'runc init has become the program.',
  paused: 'The freezer holds all of its processes.',
  resumed: '',
  changed: 'runc has written its state anew: `runc update` changes limits while it runs.',
  deleted: 'Its state directory and cgroups are gone.',
}

/** The life of one container, oldest first. */
export function timeline(events: readonly Event[], dir: string): Moment[] {
  const moments: Moment[] = []
  let oomAt = 0
  for (const event of events) {
    const key = String(event.seq)
    if (event.what === 'command') {
      const command = parseCommand(event.detail)
      if (!command || !concerns(command, dir)) continue
      moments.push({
        key,
        at: event.at,
        kind: 'command',
        title: `runc ${command.verb}`,
        detail: `runc ${[command.verb, ...command.rest].join(' ')}`,
      })
    }
    if (event.dir !== dir) continue
    const [kind, title] = TITLES[event.what] ?? []
    if (kind && title) moments.push({ key, at: event.at, kind, title, detail: DETAILS[event.what] ?? '' })
    if (event.what === 'oom') {
      oomAt = event.at
      moments.push({
        key,
        at: event.at,
        kind: 'trouble',
        title: 'Out of memory',
        detail: `The kernel kills a process of this cgroup, because it may have no more memory (kill number ${event.detail}).`,
      })
    }
    if (event.what === 'exit') {
      const known = /^\d+$/.test(event.detail)
      const text = known
        ? explainExit(Number(event.detail), event.at - oomAt < 2000)
        : 'The code is known to the parent alone: this kernel (before 6.15) tells it to nobody else.'
      moments.push({
        key,
        at: event.at,
        kind: 'end',
        title: known ? `Ended with ${readExit(Number(event.detail)).code}` : 'Ended',
        detail: text,
      })
    }
  }
  // Commands are noticed a little later than what they begin.
  return moments.sort((one, other) => one.at - other.at)
}

/** What only counters tell: throttling and refused processes, as moments at which they began. */
export function troubles(samples: readonly Sample[]): Moment[] {
  const moments: Moment[] = []
  let quietSince = Number.NEGATIVE_INFINITY
  samples.slice(1).forEach((sample, index) => {
    const before = samples[index]!
    const throttled = (sample.throttled ?? 0) - (before.throttled ?? sample.throttled ?? 0)
    if (throttled > 0) {
      if (sample.at - quietSince > 5000)
        moments.push({
          key: `throttled ${sample.at}`,
          at: sample.at,
          kind: 'trouble',
          title: 'Throttled',
          detail: 'It has used up its quota and waits for the next period.',
        })
      quietSince = sample.at
    }
    const refused = (sample.refused ?? 0) - (before.refused ?? sample.refused ?? 0)
    if (refused > 0)
      moments.push({
        key: `refused ${sample.at}`,
        at: sample.at,
        kind: 'trouble',
        title: refused === 1 ? 'A process refused' : `${refused} processes refused`,
        detail: 'fork(2) failed: there are as many as pids.max allows.',
      })
  })
  return moments
}
