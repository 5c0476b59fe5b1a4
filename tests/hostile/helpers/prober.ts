/** Real system calls by name, made in a sandbox or on the host, by a small program that is compiled for the occasion. */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import type { SandboxProvider } from '../../../server/host/providers/provider.ts'
import { feed } from './attack.ts'

export interface Call {
  name: string
  /** Six at most; a missing one is 0. */
  args?: (number | bigint)[]
  /** `int80`: in the manner of i386. `x32`: with that ABI's bit. */
  way?: 'native' | 'int80' | 'x32'
  /** Instead of the number that this system gives to `name`. */
  number?: number
}

/** `done`, or the name of the errno, or `signal N`. */
export type Answer = string

/** The calls that this system's headers know, with their numbers. */
export function knownCalls(): Map<string, number> {
  const source = '#include <sys/syscall.h>\n'
  const macros = execFileSync('gcc', ['-E', '-dM', '-'], { input: source, encoding: 'utf8' })
  return new Map(
    [...macros.matchAll(/^#define __NR_(\w+) (\d+)$/gm)].map(([, name, number]) => [name!, Number(number)]),
  )
}

const errnoNames = new Map(Object.entries(os.constants.errno).map(([name, number]) => [number, name]))

export class Prober {
  readonly #numbers = knownCalls()
  readonly #dir = fs.mkdtempSync(path.join(os.tmpdir(), 'prober-'))
  readonly #program = path.join(this.#dir, 'prober')

  constructor() {
    const source = fileURLToPath(new URL('./prober.c', import.meta.url))
    execFileSync('gcc', ['-Os', '-static', '-Wall', '-Wextra', '-s', '-o', this.#program, source])
    fs.chmodSync(this.#dir, 0o755)
  }

  get numbers(): ReadonlyMap<string, number> {
    return this.#numbers
  }

  /** What each call comes to in the sandbox, in the order of `calls`. */
  async inSandbox(provider: SandboxProvider, id: string, calls: Call[]): Promise<Answer[]> {
    await feed(
      provider,
      id,
      ['/bin/sh', '-c', 'cat > /tmp/prober && chmod +x /tmp/prober'],
      fs.readFileSync(this.#program),
    )
    return this.#read(calls, await feed(provider, id, ['/tmp/prober'], this.#lines(calls)))
  }

  /** The same calls without our filter: in a user namespace of this host, where they can do no harm. */
  onHost(calls: Call[]): Answer[] {
    const args = [
      '--user',
      '--map-root-user',
      '--pid',
      '--fork',
      '--mount',
      '--net',
      '--ipc',
      '--uts',
      this.#program,
    ]
    const run = spawnSync('unshare', args, { input: this.#lines(calls), encoding: 'utf8' })
    return this.#read(calls, run.stdout)
  }

  dispose(): void {
    fs.rmSync(this.#dir, { recursive: true })
  }

  #lines(calls: Call[]): string {
    return calls
      .map(({ name, args = [], way = 'native', number = this.#numbers.get(name) }) => {
        if (number === undefined) throw new Error(`this system has no call ${name}`)
        const six = Array.from({ length: 6 }, (_, i) => BigInt.asIntN(64, BigInt(args[i] ?? 0)))
        return `${name} ${way} ${way === 'x32' ? number | 0x40000000 : number} ${six.join(' ')}\n`
      })
      .join('')
  }

  #read(calls: Call[], output: string): Answer[] {
    const lines = output.split('\n').filter(Boolean)
    return calls.map(({ name }, i) => {
      const [label, what, number] = (lines[i] ?? '').split(' ')
      if (label !== name) throw new Error(`no answer for ${name}, but: ${lines[i] ?? 'the end'}`)
      if (what === 'error') return errnoNames.get(Number(number)) ?? `errno ${number}`
      return what === 'done' ? 'done' : `signal ${number}`
    })
  }
}
