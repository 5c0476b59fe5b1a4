/** Settings: what is taken, what is refused and with which sentence, and that .env.example lists them all. */
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { ConfigError, Environment, parseConfig } from '../../server/config.ts'
import { folderWith, load, ROOT } from './helpers/run.ts'

const refusals: [name: string, value: string, sentence: string][] = [
  ['PORT', 'http', 'must be a whole number from 0 to 65535 (TCP port)'],
  ['PORT', '65536', 'must be a whole number from 0 to 65535 (TCP port)'],
  ['PORT', '-1', 'must be a whole number from 0 to 65535 (TCP port)'],
  [
    'LAB_NAME',
    'My Lab',
    'must be lower-case letters, digits and dashes, beginning with a letter (at most 32)',
  ],
  [
    'LAB_NAME',
    'a'.repeat(33),
    'must be lower-case letters, digits and dashes, beginning with a letter (at most 32)',
  ],
  ['LAB_STATE_DIR', 'var/lib', 'must be an absolute path without a slash at its end'],
  ['LAB_RUN_DIR', '/run/lab/', 'must be an absolute path without a slash at its end'],
  ['LAB_IMAGE_DIR', './image', 'must be an absolute path without a slash at its end'],
  ['LAB_MEMORY_MIB', '64', 'must be a whole number from 128 to 1048576 (MiB)'],
  ['LAB_DISK_MIB', '2G', 'must be a whole number from 256 to 1048576 (MiB)'],
  ['LAB_PIDS', '10', 'must be a whole number from 64 to 100000 (processes)'],
  ['LAB_CPUS', '0', 'must be a number of processors from 0.1 to 1024'],
  ['LAB_CPUS', 'all', 'must be a number of processors from 0.1 to 1024'],
  ['LAB_MAX_SANDBOXES', '0', 'must be a whole number from 1 to 10000 (sandboxes)'],
  ['LAB_MAX_TERMINALS', '99', 'must be a whole number from 1 to 32 (terminals)'],
  ['LAB_IDLE_MINUTES', '1.5', 'must be a whole number from 1 to 100000 (minutes)'],
  ['LAB_MAX_HOURS', '', ''],
  ['LAB_MAX_HOURS', 'forever', 'must be a whole number from 1 to 10000 (hours)'],
  ['LAB_ON_STOP', 'pause', 'must be "destroy" or "keep"'],
  ['LAB_LOG_LEVEL', 'loud', 'must be debug, info, warn or error'],
]

for (const [name, value, sentence] of refusals) {
  if (sentence === '') {
    test(`${name} that is empty counts as not set`, () => {
      assert.deepEqual(parseConfig({ [name]: value }), parseConfig({}))
    })
    continue
  }
  test(`${name}=${value} is refused with a sentence`, () => {
    assert.throws(
      () => parseConfig({ [name]: value }),
      (error) => error instanceof ConfigError && error.message === `${name}=${value}: ${sentence}.`,
    )
  })
}

test('two wrong settings are named at once', () => {
  assert.throws(
    () => parseConfig({ PORT: 'x', LAB_CPUS: 'y' }),
    /^ConfigError: PORT=x: .*\nLAB_CPUS=y: |^Error: PORT=x: .*\nLAB_CPUS=y: /,
  )
})

test('the folders follow from the name, unless they are given', () => {
  const config = parseConfig({ LAB_NAME: 'class-b', LAB_RUN_DIR: '/tmp/b' })
  assert.equal(config.stateDir, '/var/lib/class-b')
  assert.equal(config.runDir, '/tmp/b')
  assert.equal(config.imageDir, '/var/lib/class-b/image')
})

const example = readFileSync(path.join(ROOT, '.env.example'), 'utf8')
const listed = [...example.matchAll(/^#([A-Z_]+)=(.*)$/gm)].map(([, name, value]) => ({ name, value }))

test('.env.example lists exactly the settings there are, in the same order', () => {
  assert.deepEqual(
    listed.map(({ name }) => name),
    Object.keys(Environment.shape),
  )
})

test('.env.example shows the defaults, each below a line of explanation', () => {
  const shown = Object.fromEntries(listed.map(({ name, value }) => [name, value]))
  assert.deepEqual(parseConfig(shown), parseConfig({}))
  for (const { name, value } of listed) {
    const standard = Environment.shape[name as keyof typeof Environment.shape].safeParse(undefined).data
    assert.equal(value, String(standard), name)
    assert.match(example, new RegExp(`^# .+\\n#${name}=`, 'm'))
  }
})

test('.env fills in what the environment does not set', async (t) => {
  const { loadEnvFile } = await load('setup/env-file.mjs')
  const folder = folderWith(t, { '.env': '# a comment\nPORT=4000\nLAB_NAME="quoted"\n' })
  const env: Record<string, string> = { PORT: '5000' }
  loadEnvFile(path.join(folder, '.env'), env)
  assert.deepEqual(env, { PORT: '5000', LAB_NAME: 'quoted' })
})
