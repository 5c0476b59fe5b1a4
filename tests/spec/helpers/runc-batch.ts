/** Many configs through real runc in one sandbox: what it says to each, some tens of milliseconds apiece. */
import { spawn } from 'node:child_process'
import { newId } from '../../helpers/exec.ts'
import { testProvider } from '../../helpers/lab.ts'

export interface Trial {
  config: string
  /** Shell, run in the bundle before; with one, the rootfs has all of busybox instead of a few programs. */
  setup?: string
  /** Shell, run in the bundle instead of `runc run c1`. */
  command?: string
}

export interface Verdict {
  status: number
  stdout: string
  stderr: string
  /** Whether runc ended before the program ran. */
  refused: boolean
}

/**
 * Reads one trial a line (config, setup, command, each in base64 behind a letter) and answers with one line each.
 * runc gets a mount namespace of its own: a config without one must not touch the next trial.
 */
const DRIVER = `
ulimit -c 0
rm -rf "$1"; mkdir -p "$1/template/rootfs" && cd "$1" || exit 1
mkdir -p template/rootfs/{bin,dev,etc,proc,root,sys,tmp,usr/bin}
cp /usr/bin/busybox template/rootfs/bin/busybox
chroot template/rootfs /bin/busybox --install -s /bin
echo root:x:0:0:root:/root:/bin/sh > template/rootfs/etc/passwd
mkdir small && cp -a template/. small/ && find small/rootfs/bin -type l | grep -vE '/(sh|true|echo|ls|cat|id|sleep)$' | xargs rm
while read -r config setup command; do
  cd "$1"
  rm -rf bundle
  if [ "$setup" = S ]; then cp -a small bundle; else cp -a template bundle; fi
  cd bundle
  base64 -d <<< "\${config#C}" | sed "s#/lab/mutant#/lab/$2#" > config.json
  export B=$PWD ID=$2
  [ "$setup" != S ] && bash -c "$(base64 -d <<< "\${setup#S}")" >/dev/null 2>&1
  run="runc run $2"
  [ "$command" != R ] && run=$(base64 -d <<< "\${command#R}")
  timeout -k 1 15 unshare -m bash -c "$run" > ../out 2> ../err < /dev/null
  status=$?
  runc delete -f "$2" >/dev/null 2>&1
  echo "$status $(head -c 4000 ../out | base64 -w0 | sed s/^/O/) $(head -c 8000 ../err | base64 -w0 | sed s/^/E/)"
done
`

export class RuncBatch {
  readonly #provider: ReturnType<typeof testProvider>
  readonly #id = newId()

  private constructor(provider: ReturnType<typeof testProvider>) {
    this.#provider = provider
  }

  static async start(): Promise<RuncBatch> {
    const batch = new RuncBatch(testProvider())
    try {
      await batch.#provider.provider.create(batch.#id, 'spec')
    } catch (error) {
      await batch.stop()
      throw error
    }
    return batch
  }

  /** The path of the bundle that the first worker uses, as messages name it. */
  static readonly BUNDLE = '/tmp/batch0/bundle'

  /** The verdicts in the order of the trials. */
  async run(trials: Trial[], { workers = 2, onDone = () => {} } = {}): Promise<Verdict[]> {
    const verdicts: Verdict[] = []
    let next = 0
    const work = async (worker: number) => {
      const folder = `/tmp/batch${worker}`
      const argv = ['/bin/bash', '-c', DRIVER, 'driver', folder, `c${worker + 1}`]
      const { file, args } = this.#provider.provider.command(this.#id, argv, { tty: false })
      const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'inherit'] })
      const base64 = (text: string | undefined) => Buffer.from(text ?? '').toString('base64')
      let pending = ''
      const answers: ((line: string) => void)[] = []
      child.stdout.on('data', (chunk) => {
        pending += chunk
        for (let end = pending.indexOf('\n'); end >= 0; end = pending.indexOf('\n')) {
          answers.shift()?.(pending.slice(0, end))
          pending = pending.slice(end + 1)
        }
      })
      const closed = new Promise<void>((resolve) => child.on('close', () => resolve()))
      while (next < trials.length) {
        const i = next++
        const { config, setup, command } = trials[i]!
        const answer = new Promise<string>((resolve, reject) => {
          answers.push(resolve)
          void closed.then(() => reject(new Error('the driver in the sandbox has ended')))
        })
        child.stdin.write(`C${base64(config)} S${base64(setup)} R${base64(command)}\n`)
        const [status, out = 'O', err = 'E'] = (await answer).split(' ')
        const decode = (text: string) => Buffer.from(text.slice(1), 'base64').toString()
        const stderr = decode(err)
        verdicts[i] = {
          status: Number(status),
          stdout: decode(out),
          stderr,
          refused: Number(status) !== 0 && /runc run failed: |^panic: /m.test(stderr),
        }
        onDone()
      }
      child.stdin.end()
      await closed
    }
    await Promise.all(Array.from({ length: Math.min(workers, trials.length) }, (_, i) => work(i)))
    return verdicts
  }

  async stop(): Promise<void> {
    await this.#provider.dispose()
  }
}
