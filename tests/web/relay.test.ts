/** The web process: whom it lets in, what it passes on, and what learners notice when either process goes away. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { after, afterEach, before, describe, test } from 'node:test'
import { WebSocket } from 'ws'
import { SOCKET_PATH } from '../../server/protocol/index.ts'
import { connectLearner, newCookie, RawSocket, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

const FRIEND = 'https://lab.example.org'
let lab: TestLab
before(async () => {
  lab = await TestLab.start({ LAB_ORIGINS: FRIEND })
})
after(() => lab?.stop())
afterEach(stopLearners)

/** The HTTP status with which an upgrade is answered: 101 if it is let in. */
async function upgrade(headers: Record<string, string>, path = SOCKET_PATH): Promise<number> {
  const socket = new WebSocket(`${lab.url.replace('http', 'ws')}${path}`, { headers })
  socket.on('error', () => {})
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => (response as IncomingMessage).statusCode!),
  ])
  socket.terminate()
  return status
}

const session = (headers: Record<string, string>) =>
  fetch(`${lab.url}/api/session`, { method: 'POST', headers })

describe('the door', () => {
  test('is open to the lab’s own pages and to origins that the operator has named', async () => {
    const cookie = await newCookie(lab)
    assert.equal(await upgrade({ Origin: lab.url, Cookie: cookie }), 101)
    // Over TLS only a cookie counts that was set over TLS.
    const secure = (await session({ Origin: FRIEND })).headers.get('set-cookie')!.split(';')[0]!
    assert.equal(await upgrade({ Origin: FRIEND, Cookie: secure }), 101)
    assert.equal(await upgrade({ Origin: FRIEND, Cookie: cookie }), 401)
    assert.equal(await upgrade({ Origin: FRIEND, Cookie: cookie.replace(/^/, '__Host-x') }), 401)
    assert.equal(await upgrade({ Origin: lab.url, Cookie: `other=1; ${cookie}; more=2` }), 101)
  })

  const port = () => new URL(lab.url).port
  const foreign: [string, () => Record<string, string>][] = [
    ['no origin', () => ({})],
    ['another site', () => ({ Origin: 'https://evil.example' })],
    ['another port of this machine', () => ({ Origin: 'http://localhost:1' })],
    ['a site whose name ends like ours', () => ({ Origin: `http://localhost:${port()}.evil.example` })],
    ['a sandboxed page', () => ({ Origin: 'null' })],
    ['the friend over plain HTTP', () => ({ Origin: FRIEND.replace('https', 'http') })],
  ]
  for (const [what, headers] of foreign)
    test(`is closed to ${what}`, async () => {
      assert.equal(await upgrade({ Cookie: await newCookie(lab), ...headers() }), 403)
    })

  test('is closed to a name that somebody has pointed here', async () => {
    const host = `evil.example:${port()}`
    assert.equal(await upgrade({ Origin: `http://${host}`, Host: host, Cookie: await newCookie(lab) }), 421)
  })

  test('is closed to pages without a cookie of ours', async () => {
    const cookie = await newCookie(lab)
    const [name, value = ''] = cookie.split('=')
    const [learner = '', signature = ''] = value.split('.')
    const forged = createHmac('sha256', 'another secret').update(learner).digest('base64url')
    const bad = [
      `${name}=`,
      `${name}=${learner}`,
      `${name}=${learner}.`,
      `${name}=${learner}.${forged}`,
      `${name}=${learner.slice(1)}A.${signature}`,
      `${name}=${learner}.${signature}x`,
      `another-lab-learner=${value}`,
    ]
    assert.equal(await upgrade({ Origin: lab.url }), 401)
    for (const Cookie of bad) assert.equal(await upgrade({ Origin: lab.url, Cookie }), 401, Cookie)
  })

  test('is the only one', async () => {
    const headers = { Origin: lab.url, Cookie: await newCookie(lab) }
    for (const path of ['/', '/api', '/api/socket/', '/api/session'])
      assert.equal(await upgrade(headers, path), 404, path)
  })

  test('gives a cookie to pages of the lab only, and one is enough', async () => {
    assert.equal((await session({})).status, 403)
    assert.equal((await session({ Origin: 'https://evil.example' })).status, 403)
    assert.equal((await fetch(`${lab.url}/api/session`)).status, 405)
    const first = (await session({ Origin: lab.url })).headers.get('set-cookie')!
    assert.match(first, /; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict$/)
    const secure = (await session({ Origin: FRIEND })).headers.get('set-cookie')!
    assert.match(
      secure,
      /^__Host-[a-z0-9-]+-learner=[\w.-]+; Path=\/; Max-Age=\d+; HttpOnly; SameSite=Strict; Secure$/,
    )
    const again = await session({ Origin: lab.url, Cookie: first.split(';')[0]! })
    assert.deepEqual([again.status, again.headers.get('set-cookie')], [204, null])
  })

  test('does not let a browser say whose it is', async () => {
    const victim = await RawSocket.open(lab, await newCookie(lab))
    const id = await victim.hello()
    const record = fs
      .readdirSync(`${lab.env.LAB_STATE_DIR}/sandboxes`)
      .map((name) =>
        JSON.parse(fs.readFileSync(`${lab.env.LAB_STATE_DIR}/sandboxes/${name}/sandbox.json`, 'utf8')),
      )
      .find((each) => each.id === id)
    const thief = await RawSocket.open(lab, await newCookie(lab), { 'x-lab-owner': record.owner })
    assert.notEqual(await thief.hello(), id)
    victim.close()
    thief.close()
  })
})

describe('messages', () => {
  test('that a browser may not send are refused before the host process sees them', async () => {
    const socket = await RawSocket.open(lab, await newCookie(lab))
    await socket.hello()
    for (const [text, code, re] of [
      ['{', 'malformed', undefined],
      ['null', 'malformed', undefined],
      ['{"type":"dance"}', 'unknown-message', 'dance'],
      ['{"type":"hello"}', 'malformed', 'hello'],
      [
        '{"type":"watch-check","lesson":"a","step":"b","script":"touch /root/stranger"}',
        'unknown-message',
        'watch-check',
      ],
      ['{"type":"watch-step","lesson":"../../etc","step":"passwd"}', 'malformed', 'watch-step'],
    ] as const) {
      socket.say(text)
      const error = await socket.next('error')
      assert.deepEqual([error.code, error.re], [code, re])
      assert.ok(error.message && error.hint)
    }
    socket.say(new Uint8Array(3))
    assert.equal((await socket.next('error')).code, 'malformed')
    socket.say({ type: 'watch-file', path: '/root/stranger' })
    assert.equal((await socket.next('file')).file.state, 'absent')
    socket.close()
  })

  test('about a step that does not exist do no harm', async () => {
    const socket = await RawSocket.open(lab, await newCookie(lab))
    await socket.hello()
    socket.say({ type: 'watch-step', lesson: 'no-such-lesson', step: 'no-such-step' })
    socket.say({ type: 'watch-file', path: '/etc/hostname' })
    const { file } = await socket.next('file')
    assert.equal(file.state === 'text' && file.text, 'lab\n')
    assert.deepEqual(
      socket.messages.filter(({ type }) => type === 'error' || type === 'check'),
      [],
    )
    socket.close()
  })
})

describe('learners', () => {
  test('have different sandboxes, and tabs of one have the same', async () => {
    const [alice, bob] = [await connectLearner(lab), await connectLearner(lab)]
    const id = ({ client }: typeof alice) => client.view.sandbox?.state === 'ready' && client.view.sandbox.id
    assert.notEqual(id(alice), id(bob))
    const hers = await Shell.open(alice.client)
    await hers.paste('echo mine > /root/mine')
    const his = await Shell.open(bob.client)
    assert.match(await his.paste('cat /root/mine'), /No such file/)
    const tab = await connectLearner(lab, alice.cookie)
    assert.equal(id(tab), id(alice))
    assert.deepEqual(tab.client.view.terminals, alice.client.view.terminals)
    const again = await Shell.open(tab.client)
    assert.equal(again.screen, hers.screen)
    await again.paste('echo from the other tab')
    await hers.until(/\nfrom the other tab\n/)
  })
})

describe('a process that goes away', () => {
  test('the web process killed: the shell and what it prints meanwhile are still there', async () => {
    const { client } = await connectLearner(lab)
    const shell = await Shell.open(client)
    shell.type('seq 1 20000; read -p "go on? "; seq 20001 40000; echo finish""ed\r')
    await shell.until(/go on\?/)
    await lab.killWeb()
    await until('the tab has noticed', () => client.view.connection === 'away')
    // Typed without a connection: it is sent when there is one.
    shell.stream.type(new TextEncoder().encode('\r'))
    await lab.startWeb()
    await shell.until(/\nfinished\n/, 30_000)
    const numbers = shell.screen
      .split('\n')
      .map((line) => line.replace('go on? ', ''))
      .filter((line) => /^\d+$/.test(line))
    assert.deepEqual(
      numbers.map(Number),
      Array.from({ length: 40_000 }, (_, i) => i + 1),
    )
  })

  test('the host process killed: the page is told, comes back by itself, and finds its sandbox', async () => {
    const { client, cookie } = await connectLearner(lab)
    const shell = await Shell.open(client)
    await shell.paste('echo mine > /root/mine')
    const before = client.view.sandbox
    await lab.killHost()
    await until('the tab has noticed', () => client.view.connection === 'away')
    const health = await fetch(`${lab.url}/api/health`)
    assert.equal(health.status, 503)
    const socket = await RawSocket.open(lab, cookie)
    assert.equal((await socket.next('error')).code, 'host-unavailable')
    assert.equal(await until('it is closed', () => socket.closedWith), 1013)
    await lab.startHost()
    await until('the tab is back', () => client.view.connection === 'open', 20_000)
    assert.equal((await fetch(`${lab.url}/api/health`)).status, 200)
    const ids = [before, client.view.sandbox].map((view) => view?.state === 'ready' && view.id)
    assert.equal(ids[0], ids[1])
    assert.equal(await (await Shell.open(client)).paste('cat /root/mine'), 'mine\n')
  })
})
