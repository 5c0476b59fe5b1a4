/** Debian and npm packages: what is missing is found out, and a failure is told in words. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { folderWith, load, plainEnv, ROOT, run } from './helpers/run.ts'

test('which Debian packages are missing', async () => {
  const { missingPackages } = await load('setup/packages.mjs')
  const { missing, broken } = missingPackages(['dpkg', 'libc6', 'no-such-package-at-all'])
  assert.deepEqual(missing, ['no-such-package-at-all'])
  assert.deepEqual(broken, [])
})

test('a mirror that cannot be reached', { timeout: 60_000 }, async (t) => {
  // apt with one source that nobody serves, and with its own lists, so that this machine's stay as they are.
  const folder = folderWith(t, { 'sources.list': 'deb http://127.0.0.1:9/debian stable main\n' })
  await run(['mkdir', '-p', 'lists/partial'], { cwd: folder })
  const conf = folderWith(t, {
    'apt.conf': [
      `Dir::Etc::sourcelist "${folder}/sources.list";`,
      'Dir::Etc::sourceparts "/dev/null";',
      `Dir::State::lists "${folder}/lists";`,
      `Dir::Cache "${folder}";`,
      'Acquire::http::Proxy "DIRECT";',
      'APT::Sandbox::User "root";',
    ].join('\n'),
    'main.mjs': `
      import { main } from '${ROOT}/scripts/lib/refusal.mjs'
      import { installPackages } from '${ROOT}/scripts/setup/packages.mjs'
      await main(() => installPackages(['runc-lab-no-such-package'], () => {}))`,
  })
  const env = plainEnv({ APT_CONFIG: path.join(conf, 'apt.conf') })
  const { code, output } = await run([process.execPath, path.join(conf, 'main.mjs')], { env })
  assert.equal(code, 1)
  assert.match(
    output,
    /✗ Debian's package mirror cannot be reached, and these packages are missing: runc-lab-no-such/,
  )
  assert.match(output, /→ Check the network/)
  assert.doesNotMatch(output, /^\s+at /m)
})

test('the progress of apt, in words', async () => {
  const { describe } = await load('setup/apt.mjs')
  assert.equal(describe('dlstatus:3:41.5:Retrieving file 3 of 9'), 'Retrieving file 3 of 9 (42 %)')
  assert.equal(describe('pmstatus:patchelf:60.0:Unpacking patchelf (amd64)'), 'Unpacking patchelf (60 %)')
  assert.equal(describe('nonsense'), '')
})

test('the lock names the packages of every system', () => {
  // A registry that lacks some of them makes npm leave them out; `npm ci` then refuses the lock everywhere.
  const { packages } = JSON.parse(readFileSync(path.join(ROOT, 'package-lock.json'), 'utf8'))
  const names = new Set(Object.keys(packages).map((key) => key.split('node_modules/').at(-1)))
  const wanted = Object.values(packages as Record<string, { optionalDependencies?: object }>).flatMap(
    (entry) => Object.keys(entry.optionalDependencies ?? {}),
  )
  assert.ok(wanted.length > 10)
  assert.deepEqual(
    wanted.filter((name) => !names.has(name)),
    [],
  )
})
