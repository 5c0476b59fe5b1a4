/** The web process: what is left of root's power when it starts, and which user it may be. */
import assert from 'node:assert/strict'
import { chmodSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { folderWith, load, run } from './helpers/run.ts'

const nobody = { name: 'nobody', uid: 65534, gid: 65534 }

async function statusAs(user: object, options = {}) {
  const { unprivileged } = await load('run/privileges.mjs')
  const { output } = await run(unprivileged(user, ['cat', '/proc/self/status'], options))
  return (field: string) => new RegExp(`^${field}:[ \\t]*(.*)$`, 'm').exec(output)?.[1]
}

for (const user of [nobody, { name: 'root', uid: 0, gid: 0 }]) {
  test(`as ${user.name} it has no capability and can get none`, async () => {
    const status = await statusAs(user)
    assert.equal(status('Uid')?.split('\t')[1], String(user.uid))
    for (const set of ['CapInh', 'CapPrm', 'CapEff', 'CapBnd', 'CapAmb'])
      assert.match(status(set)!, /^0+$/, set)
    assert.equal(status('NoNewPrivs'), '1')
    assert.equal(status('Groups')?.trim(), '')
  })
}

test('for a port below 1024 it may bind that, and nothing else', async (t) => {
  const { unprivileged } = await load('run/privileges.mjs')
  if (!unprivileged(nobody, [], { port: 80 }).join(' ').includes('net_bind_service')) {
    return t.skip('every user may bind every port here')
  }
  const status = await statusAs(nobody, { port: 80 })
  assert.equal(Number.parseInt(status('CapEff')!, 16), 1 << 10)
})

test('a file that its user cannot read is found by trying', async (t) => {
  const { unreachableFor } = await load('run/privileges.mjs')
  const folder = folderWith(t, { open: '' })
  chmodSync(folder, 0o755)
  const open = path.join(folder, 'open')
  assert.equal(unreachableFor(nobody, [open, `${folder}/`]), undefined)
  chmodSync(folder, 0o700)
  assert.equal(unreachableFor(nobody, ['/etc/passwd', open]), open)
  assert.equal(unreachableFor(nobody, [`${folder}/`]), `${folder}/`)
})

test('it never runs as a person, or as root by name', async () => {
  const { findUser, webUser } = await load('run/web-user.mjs')
  assert.deepEqual(findUser('lab', 'root:x:0:0::/:\nlab:x:998:997::/:\n'), {
    name: 'lab',
    uid: 998,
    gid: 997,
  })
  assert.throws(() => webUser('root'), { message: /also the name of a user/, next: /another LAB_NAME/ })
})

test('the environment of root stays with root', async () => {
  const { webEnvironment } = await load('run/programs.mjs')
  const env = webEnvironment({
    PATH: '/bin',
    LAB_NAME: 'x',
    AWS_SECRET: 'y',
    SSH_AUTH_SOCK: 'z',
    HOME: '/root',
  })
  assert.deepEqual(env, { PATH: '/bin', LAB_NAME: 'x', HOME: '/nonexistent' })
})
