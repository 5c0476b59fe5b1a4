/** Packs and unpacks a learner's files. All of it happens in the sandbox: to the host they are a stream of bytes. */
import { spawn } from 'node:child_process'
import type { Readable } from 'node:stream'
import type { SandboxProvider } from '../providers/provider.ts'

/** Nothing has changed since the listing with the hash that was given. */
const UNCHANGED = 3
export const SAVE_MS = 30_000
const UNPACK_MS = 60_000

/** Whoever has more has made them by accident. */
const MAX_FILES = 50_000

/**
 * Everything that is newer than the image, config.json first, then from small to large, as much as fits. It works where the
 * disk is full: nothing is written to it. Directories are listed so that new ones keep their owners; what is deleted of the image is not noticed.
 */
const PACK = `
set -o pipefail
since=$1 max=$2 known=$3
list() {
  find / -xdev \\( -path /proc -o -path /sys -o -path /dev -o -path /run -o -path /var/lib/docker \\
    -o -path /var/lib/containerd -o -path /var/log -o -path /var/cache -o -path /usr/lib/runclab \\) -prune \\
    -o \\( -type f -o -type l -o -type d \\) -newerct "@$since" ! -path / -printf "$1" 2>/dev/null
}
hash=$(list '%s %C@ %p\\0' | sort -z --buffer-size=32M --temporary-directory=/dev/shm | cksum)
[ "$hash" != "$known" ] || exit ${UNCHANGED}
printf '%s\\n' "$hash" >&2
list '%y %s %p\\0' | perl -0ne '
  chomp; my ($type, $size, $path) = /^(.) (\\d+) \\/(.*)$/s or next;
  push @found, [$type eq "d" || $path =~ m{(^|/)config\\.json$} ? -1 : $size, $path];
  END { for (sort { $a->[0] <=> $b->[0] || $a->[1] cmp $b->[1] } @found) {
    $sum += ($_->[0] > 0 ? $_->[0] : 0) + 512; last if $sum > '"$max"' || ++$n > ${MAX_FILES}; print "$_->[1]\\0" } }' |
  tar --create --directory=/ --no-recursion --ignore-failed-read --warning=none --null --files-from=- | gzip -1
`

const UNPACK = `
tar --extract --gzip --directory=/ --preserve-permissions --overwrite --warning=none 2>&1 | tail -n 3
exit "\${PIPESTATUS[0]}"
`

export interface Packing {
  /** The archive; ends when it is complete, is destroyed when it fails. */
  stream: Readable
  /** Resolves when all of it has been read: the hash of its listing, or null if nothing has changed. Rejects with Error. */
  done: Promise<string | null>
}

export interface PackOptions {
  since: number
  maxBytes: number
  known?: string
  patienceMs?: number
}

/**
 * `since`: seconds since 1970 of the image; `maxBytes` before compression; `known`: the hash of the listing of the last
 * one; after `patienceMs` it fails, whatever hangs.
 */
export function pack(
  provider: SandboxProvider,
  id: string,
  { since, maxBytes, known = '', patienceMs = SAVE_MS }: PackOptions,
): Packing {
  const argv = ['/bin/bash', '-c', PACK, 'pack', String(since), String(maxBytes), known]
  const { file, args } = provider.command(id, argv, { tty: false })
  const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  let said = ''
  child.stderr.on('data', (chunk) => {
    said = (said + chunk).slice(0, 1000)
  })
  const done = new Promise<string | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === UNCHANGED) return resolve(null)
      const hash = said.split('\n')[0]!
      if (code === 0 && /^\d+ \d+$/.test(hash)) return resolve(hash)
      const error = new Error(`the files could not be packed: ${said.trim() || `ended with ${code}`}`)
      child.stdout.destroy(error)
      reject(error)
    })
  })
  done.catch(() => {})
  return { stream: child.stdout, done }
}

/** Unpacks an archive over what is there. Rejects with an Error that says why, in the words of the program. */
export function unpack(
  provider: SandboxProvider,
  id: string,
  archive: Readable,
  patienceMs = UNPACK_MS,
): Promise<void> {
  const { file, args } = provider.command(id, ['/bin/bash', '-c', UNPACK], { tty: false })
  const child = spawn(file, args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const timer = setTimeout(() => child.kill('SIGKILL'), patienceMs)
  let said = ''
  child.stdout.on('data', (chunk) => {
    said = (said + chunk).slice(0, 1000)
  })
  // It may have ended before it has read everything.
  child.stdin.on('error', () => {})
  archive.on('error', () => child.kill('SIGKILL'))
  archive.pipe(child.stdin)
  return new Promise((resolve, reject) => {
    child.on('error', reject)
    child.on('close', (code) => {
      clearTimeout(timer)
      if (code === 0) return resolve()
      reject(new Error(said.replace(/[^\x20-\x7e]+/g, ' ').trim() || 'it is no tar.gz, or not all of it'))
    })
  })
}
