/** A freshly installed Debian beside this one, on the same kernel: its own files, processes and mounts. */
import { execFileSync, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { until } from '../helpers/until.ts'

const CERTIFICATES = '/etc/ssl/certs/ca-certificates.crt'
const TRUST = '/usr/local/share/machine-ca.pem'

/** Changes the root for good, since in a mere chroot nobody may make a user namespace. bash reaps what ends below it. */
const BOOT = `mount --bind "$1" "$1"; cd "$1"
mount -t proc proc proc; mount --rbind /sys sys; mount --rbind /dev dev; mount -t tmpfs tmpfs run; mkdir old
pivot_root . old; umount --lazy /old; cp /resolv.conf /etc/; echo up; exec bash -c 'sleep infinity & wait'`

export class CleanDebian {
  readonly #dir = fs.mkdtempSync(path.join(os.tmpdir(), 'debian-'))
  #machine: ReturnType<typeof spawn> | null = null
  #pid = 0

  /** Installs the release (bookworm, trixie …) with what an installed Debian has, and starts it. */
  async start(suite: string): Promise<void> {
    const root = path.join(this.#dir, 'root')
    execFileSync('mmdebstrap', ['--variant=important', suite, root], { stdio: 'pipe' })
    // The certificates that this machine trusts, should its way to the package registries need them.
    fs.copyFileSync(CERTIFICATES, path.join(root, TRUST))
    fs.copyFileSync('/etc/resolv.conf', path.join(root, 'resolv.conf'))
    // A person who answers yes.
    fs.writeFileSync(path.join(root, 'etc/apt/apt.conf.d/90yes'), 'APT::Get::Assume-Yes "true";\n')
    const machine = spawn(
      'unshare',
      ['--mount', '--propagation=private', '--pid', '--fork', '--kill-child', 'sh', '-ec', BOOT, 'sh', root],
      { stdio: ['ignore', 'pipe', 'pipe'] },
    )
    this.#machine = machine
    let said = ''
    for (const stream of [machine.stdout, machine.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        said += text
      })
    await until('the machine is up', () => {
      if (machine.exitCode !== null) throw new Error(`the machine did not start: ${said}`)
      return said.includes('up\n')
    })
    const children = fs.readFileSync(`/proc/${machine.pid}/task/${machine.pid}/children`, 'utf8')
    this.#pid = Number(children.split(' ')[0])
    this.shell('apt-get -q update')
  }

  /** What runs a command of root's there, in a login shell. */
  command(line: string, env: Record<string, string> = {}): [file: string, args: string[]] {
    const variables = {
      ...{
        HOME: '/root',
        TERM: 'dumb',
        PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
      },
      ...{ DEBIAN_FRONTEND: 'noninteractive', NODE_EXTRA_CA_CERTS: TRUST, ...env },
    }
    const enter = ['--target', String(this.#pid), '--mount', '--pid', '--root', '--wd', '--']
    const clean = ['env', '-i', ...Object.entries(variables).map(([name, value]) => `${name}=${value}`)]
    return ['nsenter', [...enter, ...clean, 'bash', '-lec', line]]
  }

  /** Runs it to its end; what it prints. */
  shell(line: string): string {
    const [file, args] = this.command(line)
    const { status, stdout, stderr } = spawnSync(file, args, {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
    if (status !== 0) throw new Error(`${line}: ${(stdout + stderr).slice(-4000)}`)
    return stdout.trim()
  }

  /** Puts a copy of a folder of this machine there. */
  copy(from: string, to: string): void {
    fs.cpSync(from, path.join(this.#dir, 'root', to), { recursive: true })
  }

  /** Ends whatever runs there and removes it. */
  async remove(): Promise<void> {
    const machine = this.#machine
    if (machine && machine.exitCode === null) {
      const gone = once(machine, 'exit')
      process.kill(this.#pid || machine.pid!, 'SIGKILL')
      await gone
    }
    fs.rmSync(this.#dir, { recursive: true, force: true })
  }
}
