/** Settings: what is taken, what is refused and with which sentence, and what `npm run -s config` prints of them. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { describe, test } from 'node:test'
import { ConfigError, Environment, parseConfig } from '../../server/config.ts'
import { settings } from '../../server/config-report.ts'
import { folderWith, load, plainEnv, run } from './helpers/run.ts'

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
  ['LAB_BASE_PATH', 'lab', 'must be a path such as /lab, without a slash at its end'],
  ['LAB_BASE_PATH', '/lab/', 'must be a path such as /lab, without a slash at its end'],
  [
    'LAB_TRUSTED_PROXIES',
    '10.0.0.0/99',
    'must be addresses or networks, comma-separated, such as 127.0.0.1, 10.0.0.0/8, ::1',
  ],
  [
    'LAB_ORIGINS',
    'lab.example.org',
    'must be origins, comma-separated, such as https://lab.example.org (no slash at the end)',
  ],
  [
    'LAB_ORIGINS',
    'https://lab.example.org/',
    'must be origins, comma-separated, such as https://lab.example.org (no slash at the end)',
  ],
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

test('a password in an address is not repeated', () => {
  const secret = { LAB_ORIGINS: 'https://user:hush@lab.example.org' }
  assert.throws(
    () => parseConfig(secret),
    (error: Error) =>
      !error.message.includes('hush') && error.message.includes('https://(secret)@lab.example.org'),
  )
})

describe('a variable that is none of ours', () => {
  for (const [typed, meant] of [
    ['LAB_MAX_SANDBOX', 'LAB_MAX_SANDBOXES'],
    ['LAB_ORIGIN', 'LAB_ORIGINS'],
    ['LAB_MEMORY_MB', 'LAB_MEMORY_MIB'],
    ['LAB_NMAE', 'LAB_NAME'],
    ['LAB_TRUSTED_PROXY', 'LAB_TRUSTED_PROXIES'],
  ])
    test(`${typed} is refused: did you mean ${meant}?`, () => {
      assert.throws(
        () => parseConfig({ [typed!]: '1' }),
        (error) =>
          error instanceof ConfigError &&
          error.message === `${typed} is not a setting of the lab. Did you mean ${meant}?`,
      )
    })

  test('is refused without a guess if it is like nothing', () => {
    assert.throws(
      () => parseConfig({ LAB_QUX: '1' }),
      /^(Config)?Error: LAB_QUX is not a setting of the lab\. All settings: /,
    )
  })

  test('is nobody’s business if it does not begin with LAB_', () => {
    assert.deepEqual(parseConfig({ LABEL: 'x', PROT: '1' }), parseConfig({}))
  })
})

describe('npm run -s config', () => {
  const config = (args: string[], env: Record<string, string> = {}) =>
    run(['npm', 'run', '-s', 'config', '--', ...args], { env: plainEnv(env) })

  test('prints every setting with its source and nothing else', async () => {
    const { code, output } = await config([], { PORT: '4567', LAB_NAME: 'class-b' })
    assert.equal(code, 0)
    const lines = output.trimEnd().split('\n')
    assert.deepEqual(
      lines.map((line) => line.split('=')[0]),
      Object.keys(Environment.shape),
    )
    assert.match(output, /^PORT=4567 +# environment$/m)
    assert.match(output, /^LAB_STATE_DIR=\S+ +# (default|\.env)$/m)
    for (const line of lines) assert.match(line, / # (environment|\.env|default)$/)
  })

  test('--json is for programs, and leaves passwords out', async () => {
    const { code, output } = await config(['--json'], {
      LAB_DEBIAN_MIRROR: 'http://me:hush@mirror.example/debian',
    })
    assert.equal(code, 0)
    const all = JSON.parse(output) as { name: string; value: string; source: string; description: string }[]
    assert.deepEqual(
      all.find(({ name }) => name === 'LAB_DEBIAN_MIRROR')?.value,
      'http://(secret)@mirror.example/debian',
    )
    assert.ok(!output.includes('hush'))
    assert.ok(all.every(({ description }) => description.endsWith('.')))
  })

  test('refuses what parseConfig refuses, with exit code 1 and without a stack trace', async () => {
    const { code, output } = await config([], { LAB_IDLE_MINUTE: '5', PORT: 'x' })
    assert.equal(code, 1)
    assert.match(output, /PORT=x: must be a whole number/)
    assert.match(output, /LAB_IDLE_MINUTE is not a setting of the lab\. Did you mean LAB_IDLE_MINUTES\?/)
    assert.doesNotMatch(output, /\n\s+at /)
  })
})

test('.env is named as the source of what it sets', (t) => {
  const folder = folderWith(t, { '.env': 'PORT=4000\nLAB_NAME=from-file\n' })
  return load('setup/env-file.mjs').then(({ loadEnvFile }) => {
    const env: Record<string, string> = { PORT: '5000' }
    const all = settings(env, loadEnvFile(path.join(folder, '.env'), env))
    const source = (name: string) => all.find((each) => each.name === name)?.source
    assert.deepEqual([source('PORT'), source('LAB_NAME'), source('HOST')], ['environment', '.env', 'default'])
  })
})

test('.env fills in what the environment does not set', async (t) => {
  const { loadEnvFile } = await load('setup/env-file.mjs')
  const folder = folderWith(t, { '.env': '# a comment\nPORT=4000\nLAB_NAME="quoted"\n' })
  const env: Record<string, string> = { PORT: '5000' }
  loadEnvFile(path.join(folder, '.env'), env)
  assert.deepEqual(env, { PORT: '5000', LAB_NAME: 'quoted' })
})
