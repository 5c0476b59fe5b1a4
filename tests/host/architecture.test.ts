/** Both processors: their system calls are in the tables, their packages in the lock, and no name of one stands where it must not. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { architecture } from '../../server/host/providers/runc/architecture.ts'
import { seccompProfile } from '../../server/host/providers/runc/seccomp.ts'
import { ALLOWED, DENIED } from '../../server/host/providers/runc/syscalls.ts'
import { TIERS } from '../../server/protocol/tier.ts'
import { ROOT } from '../helpers/lab.ts'

/** The calls of arm64 are the kernel's generic ones, with these of its options. */
const ARM64 = `#define __BITS_PER_LONG 64
${['NEW_STAT', 'RENAMEAT', 'SET_GET_RLIMIT', 'TIME32_SYSCALLS', 'MEMFD_SECRET', 'SYS_CLONE3']
  .map((option) => `#define __ARCH_WANT_${option}`)
  .join('\n')}
#include <asm-generic/unistd.h>
`

test('each system call of arm64 is in the tables or looked at by its arguments', () => {
  const macros = execFileSync('gcc', ['-E', '-dM', '-'], { input: ARM64, encoding: 'utf8' })
  const calls = [...macros.matchAll(/^#define __NR_(?!syscalls|arch_specific)(\w+) (?:\d+|__NR3264_\w+)$/gm)]
  const sorted = new Set([
    ...[...ALLOWED, ...DENIED].flatMap(({ calls }) => calls),
    ...['clone', 'socket', 'socketpair', 'setsockopt'],
  ])
  const names = calls.map(([, name]) => name!)
  assert.ok(names.length > 280, `${names.length}`)
  assert.deepEqual(
    names.filter((name) => !sorted.has(name)),
    [],
  )
  // What tells it from x86-64: programs open files and wait for them by these alone.
  assert.ok(['openat', 'ppoll', 'pselect6', 'unlinkat', 'clone'].every((name) => names.includes(name)))
  assert.ok(!names.includes('open') && !names.includes('arch_prctl'))
})

test('a profile has its own architecture and no other: 32-bit programs of either end', () => {
  for (const tier of TIERS)
    for (const [name, seccomp] of [
      ['x64', 'SCMP_ARCH_X86_64'],
      ['arm64', 'SCMP_ARCH_AARCH64'],
    ] as const)
      assert.deepEqual(seccompProfile(tier, architecture(name).seccomp).architectures, [seccomp])
  assert.throws(() => architecture('riscv64'), /runs on x64 and arm64/)
})

test('every npm package with a program for x64 has one for arm64', () => {
  const lock = JSON.parse(fs.readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'))
  const names = Object.keys(lock.packages).filter((name) => /linux-x64/.test(name))
  assert.ok(names.length > 5)
  for (const name of names) assert.ok(lock.packages[name.replace('x64', 'arm64')], name)
})

test('no name of an architecture stands in what makes or runs the lab, but in one file', () => {
  const known = ['server/host/providers/runc/architecture.ts', 'server/host/providers/runc/seccomp.ts']
  const files = execFileSync(
    'grep',
    [
      ...['-rlE', 'x86[-_]64|aarch64|\\bamd64\\b|ld-linux-[a-z]'],
      ...[
        'Dockerfile',
        'compose.yaml',
        'docker',
        'sandbox',
        'server',
        'scripts/setup',
        'scripts/lib',
        'scripts/run',
      ],
    ],
    { cwd: ROOT, encoding: 'utf8' },
  )
  assert.deepEqual(
    files
      .split('\n')
      .filter((file) => file && !known.includes(file))
      .sort(),
    // Words of apt that are shortened, names of machines in ELF files.
    ['scripts/setup/apt.mjs', 'scripts/setup/preflight.mjs', 'server/host/editor/bundle-facts.ts'],
  )
})
