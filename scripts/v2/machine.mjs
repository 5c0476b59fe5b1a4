/**
 * A disposable Debian machine with systemd and nothing but cgroup v2, on any Linux and without KVM: its kernel is Debian's
 * User Mode Linux, an ordinary process without privileges, in a root and a pid namespace of its own.
 */
import { spawn } from 'node:child_process'
import {
  chownSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { lastLines } from '../lib/command.mjs'
import { inRoot, root } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'
import { CACHE } from './cache.mjs'

const NOBODY = 65534

/** Makes the root that the machine's process sees, and becomes that process. What follows the seven places is the kernel's. */
const ENTER = `
root=$1 checkout=$2 exchange=$3 scratch=$4 size=$5 debian=$6 image=$7; shift 7
mount --bind "$root" "$root"; cd "$root"
mount -t proc proc proc
mount -t tmpfs -o "size=$size,mode=1777" tmp tmp
mount -t tmpfs -o mode=755 dev dev
for name in null zero full random urandom; do : > "dev/$name"; mount --bind "/dev/$name" "dev/$name"; done
mkdir dev/shm; chmod 1777 dev/shm
ln -s /proc/self/fd dev/fd
mount -t tmpfs -o mode=755 disk disk; : > disk/debian; : > disk/image
mount --bind "$debian" disk/debian; mount --bind "$image" disk/image
mount --bind "$checkout" checkout; mount --bind "$exchange" exchange; mount --bind "$scratch" scratch
mount --bind "$root" kernel
exec chroot --userspec=${NOBODY}:${NOBODY} . /usr/bin/env -i HOME=/tmp TMPDIR=/tmp PATH=/usr/bin /usr/bin/setpriv --pdeathsig KILL /usr/bin/linux.uml "$@"
`

/**
 * Runs the shell script `job` in a fresh machine, in a copy of this checkout at /lab, and resolves to its exit code. `out` is
 * given what it prints; `terminal` makes it this process's own terminal instead. `files`, by a name, are in /run/exchange
 * there.
 */
export async function runInMachine({
  kernel,
  debian,
  image,
  job,
  environment = {},
  files = {},
  memoryMib,
  minutes,
  out,
  terminal = false,
}) {
  const scratch = mkdtempSync(join(CACHE, 'run-'))
  const exchange = join(scratch, 'exchange')
  mkdirSync(exchange)
  for (const dir of [scratch, exchange]) chownSync(dir, NOBODY, NOBODY)
  const quoted = Object.entries(environment).map(
    ([key, value]) => `export ${key}='${value.replaceAll("'", "'\\''")}'\n`,
  )
  writeFileSync(join(exchange, 'environment'), quoted.join(''))
  writeFileSync(join(exchange, 'job'), job)
  for (const [name, file] of Object.entries(files)) copyFileSync(file, join(exchange, name))
  copyFileSync(inRoot('scripts', 'v2', 'start.sh'), join(exchange, 'start'))
  const boot = [
    ...[`mem=${memoryMib}M`, 'ubd0=/scratch/debian.cow,/disk/debian', 'ubd1=/scratch/image.cow,/disk/image'],
    ...['root=/dev/ubda', 'rw', 'con=none', 'con0=null,fd:2', 'ssl=none', 'ssl0=fd:0,fd:1', 'seccomp=auto'],
    ...[
      'panic=1',
      'apparmor=1',
      'security=apparmor',
      'sysctl.kernel.io_uring_disabled=2',
      'systemd.unit=job.target',
      'systemd.show_status=no',
      'loglevel=4',
    ],
  ]
  const args = [root, exchange, scratch, `${memoryMib + 64}M`, debian, image, ...boot]
  const namespaces = ['--mount', '--propagation=private', '--pid', '--fork']
  // Whoever dies first takes the rest along: this process its child, that one the machine, and the machine all in it.
  const command = ['--pdeathsig', 'KILL', 'unshare', ...namespaces, 'sh', '-ec', ENTER, 'sh', kernel, ...args]
  const child = spawn('setpriv', command, {
    stdio: [terminal ? 'inherit' : 'pipe', terminal ? 'inherit' : 'pipe', 'pipe'],
  })
  let words = ''
  child.stderr.setEncoding('utf8').on('data', (text) => {
    words = (words + text).slice(-200_000)
  })
  if (!terminal) child.stdout.setEncoding('utf8').on('data', (text) => out(text.replaceAll('\r\n', '\n')))
  const end = () => child.kill('SIGKILL')
  let late = false
  const timer = setTimeout(() => {
    late = true
    end()
  }, minutes * 60_000)
  process.once('SIGINT', end).once('SIGTERM', end)
  try {
    await new Promise((resolve, reject) => child.once('error', reject).once('close', resolve))
    if (late)
      throw new Refusal(
        `The machine was not done within ${minutes} minutes and was ended.`,
        'Allow more with --minutes.',
      )
    const result = join(exchange, 'result')
    if (!existsSync(result))
      throw new Refusal(
        'The machine ended before its job did.',
        'The last lines of its kernel are above.',
        lastLines(words, 30),
      )
    return Number(readFileSync(result, 'utf8'))
  } finally {
    clearTimeout(timer)
    process.off('SIGINT', end).off('SIGTERM', end)
    rmSync(scratch, { recursive: true, force: true })
  }
}
