/** The linter and real runc in a sandbox, on configs that nobody wrote by hand: what runc takes is never called refused, and most of what it refuses is. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { lint } from '../../spec/lint/index.ts'
import { newId, sh } from '../helpers/exec.ts'
import { testProvider } from '../helpers/lab.ts'
import { compare } from './helpers/differential.ts'

/** More of them, with other numbers, are in `npm run bench -- spec`. */
const COUNT = 200
const SEED = 20261124

test('spoilt configs: the linter’s verdict and runc’s', { timeout: 300_000 }, async (t) => {
  const { count, refused, found, disagreements, broken } = await compare(SEED, COUNT)
  assert.deepEqual(broken, [], 'the unspoilt configs must run')
  const wrong = disagreements.filter(({ kind }) => kind === 'false-refused')
  for (const { kind, name, words } of disagreements) t.diagnostic(`${kind}: ${name}: ${words}`)
  t.diagnostic(`${count} configs, ${refused} refused by runc, ${found} of them by the linter`)
  assert.deepEqual(
    wrong.map(({ name, words }) => `${name}: ${words}`),
    [],
  )
  assert.ok(found >= refused * 0.8, `only ${found} of ${refused}`)
})

test('what Docker writes for runc gives no refusal', async (t) => {
  const { provider, dispose } = testProvider()
  t.after(dispose)
  const id = newId()
  await provider.create(id, 'spec')
  const { status, stdout, stderr } = await sh(
    provider,
    id,
    `docker run -d --name web -m 64m --cpus 0.5 --pids-limit 50 busybox sleep 100 > /tmp/said 2>&1 < /dev/null || { cat /tmp/said >&2; exit 1; }
     cat /run/docker/containerd/daemon/io.containerd.runtime.v2.task/moby/*/config.json`,
    { timeoutMs: 60_000 },
  )
  assert.equal(status, 0, stderr)
  assert.ok(stdout.includes('"namespaces"'))
  assert.deepEqual(
    lint(stdout).filter(({ severity }) => severity === 'refused'),
    [],
  )
})
