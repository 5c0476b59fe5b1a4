/** Attacks on the door: foreign pages, stolen and invented identities, and one client that wants every sandbox. */
import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import { once } from 'node:events'
import http, { type IncomingMessage } from 'node:http'
import { after, before, test } from 'node:test'
import { WebSocket } from 'ws'
import { PROTOCOL_VERSION, SOCKET_PATH } from '../../server/protocol/index.ts'
import { newCookie, openSocket, RawSocket } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const MOST = 4
let lab: TestLab
let another: TestLab
before(async () => {
  ;[lab, another] = await Promise.all([TestLab.start({ LAB_MAX_SANDBOXES: String(MOST) }), TestLab.start()])
})
after(async () => {
  await lab?.stop()
  await another?.stop()
})

/** The HTTP status with which an upgrade is answered: 101 if it is let in. */
async function upgrade(headers: Record<string, string>): Promise<number> {
  const socket = new WebSocket(`${lab.url.replace('http', 'ws')}${SOCKET_PATH}`, { headers })
  socket.on('error', () => {})
  const status = await Promise.race([
    once(socket, 'open').then(() => 101),
    once(socket, 'unexpected-response').then(([, response]) => (response as IncomingMessage).statusCode!),
  ])
  socket.terminate()
  return status
}

/** Status and cookie of a POST, with headers that fetch would not send. */
function post(path: string, headers: Record<string, string>): Promise<{ status: number; cookie?: string }> {
  return new Promise((resolve, reject) => {
    const request = http.request(`${lab.url}${path}`, { method: 'POST', headers }, (response) => {
      response.resume()
      resolve({ status: response.statusCode!, cookie: response.headers['set-cookie']?.[0] })
    })
    request.on('error', reject).end()
  })
}

const evil = () => `evil.example:${new URL(lab.url).port}`

test('31. no terminal without the right page, a cookie, and a cookie of this lab', async () => {
  const cookie = await newCookie(lab)
  const [name, value = ''] = cookie.split('=')
  const [learner = ''] = value.split('.')
  const forged = createHmac('sha256', 'guess').update(learner).digest('base64url')
  for (const Origin of ['https://evil.example', 'null', `http://${evil()}`, 'file://'])
    assert.equal(await upgrade({ Origin, Cookie: cookie }), 403, Origin)
  assert.equal(await upgrade({ Cookie: cookie }), 403, 'no origin')
  assert.equal(await upgrade({ Origin: lab.url }), 401, 'no cookie')
  assert.equal(await upgrade({ Origin: lab.url, Cookie: `${name}=${learner}.${forged}` }), 401, 'forged')
  const [, foreign] = (await newCookie(another)).split('=')
  assert.equal(await upgrade({ Origin: lab.url, Cookie: `${name}=${foreign}` }), 401, 'of another lab')
  assert.equal(await upgrade({ Origin: lab.url, Cookie: cookie }), 101)
  assert.deepEqual(lab.sandboxIds(), [], 'none of them has made a sandbox')
})

test("31. another learner's terminals and sandbox can be neither named nor taken over", async () => {
  const victim = await RawSocket.open(lab, await newCookie(lab))
  const theirs = await victim.hello()
  victim.say({ type: 'open-terminal', number: 1, cols: 80, rows: 24 })
  const terminal = (await victim.next('terminals')).terminals[0]!.id
  const thief = await RawSocket.open(lab, await newCookie(lab), {
    'x-lab-owner': 'victim',
    'x-lab-tier': 'docker',
  })
  assert.notEqual(await thief.hello(), theirs)
  for (const message of [
    { type: 'attach', terminal, from: 0, cols: 80, rows: 24 },
    { type: 'resize', terminal, cols: 80, rows: 24 },
    { type: 'close-terminal', terminal },
    { type: 'ask-foreground', terminal, request: 1 },
  ]) {
    thief.say(message)
    assert.equal((await thief.next('error')).code, 'no-such-terminal', message.type)
  }
  // The same hello once more, as somebody who has recorded it: the socket decides who it is, not what is said.
  thief.say({
    type: 'hello',
    version: PROTOCOL_VERSION,
    client: 'replayed-from-a-recording',
    owner: 'victim',
  })
  await thief.next('error')
  victim.close()
  thief.close()
})

test('32. a foreign page can start nothing, choose no identity, and point no name here', async () => {
  const attempts: Record<string, string>[] = [
    {},
    { Origin: 'https://evil.example' },
    { Origin: 'null' },
    { Origin: `http://${evil()}`, Host: evil() },
    { Origin: lab.url, Host: 'evil.example' },
  ]
  for (const headers of attempts) {
    const { status, cookie } = await post('/api/session', headers)
    assert.ok([403, 421].includes(status), `${status} for ${JSON.stringify(headers)}`)
    assert.equal(cookie, undefined)
  }
  // A session that an attacker has chosen beforehand is not taken up: the learner gets one of their own.
  const name = (await newCookie(lab)).split('=')[0]!
  for (const chosen of ['chosen', 'a'.repeat(22), `${'a'.repeat(22)}.${'b'.repeat(43)}`]) {
    const { status, cookie } = await post('/api/session', { Origin: lab.url, Cookie: `${name}=${chosen}` })
    assert.equal(status, 204)
    assert.ok(cookie && !cookie.includes(chosen))
    assert.match(cookie, /HttpOnly/)
    assert.match(cookie, /SameSite=(Strict|Lax)/)
  }
})

test('33. one client that asks for a hundred sandboxes gets no more than there are, and the rest is told why', async () => {
  const told: string[] = []
  const sockets: RawSocket[] = []
  let most = 0
  for (let i = 0; i < 100; i++) {
    const { status, cookie } = await post('/api/session', { Origin: lab.url })
    if (status === 429) {
      told.push('429')
      continue
    }
    const socket = new RawSocket(openSocket(lab, cookie!.split(';')[0]!))
    await until('it is open or closed', () => socket.socket.readyState >= WebSocket.OPEN)
    if (socket.socket.readyState !== WebSocket.OPEN) {
      told.push('refused')
      continue
    }
    sockets.push(socket)
    socket.say({ type: 'hello', version: PROTOCOL_VERSION, client: `greedy-client-number-${i}` })
    await until('it is answered', () => socket.messages.length > 0)
    const [answer] = socket.messages
    told.push(
      answer!.type === 'error'
        ? answer!.code
        : answer!.type === 'welcome'
          ? answer!.sandbox.state
          : answer!.type,
    )
    most = Math.max(most, lab.sandboxIds().length)
  }
  assert.ok(most <= MOST, `${most} sandboxes at once`)
  const made = told.filter((answer) => ['creating', 'ready'].includes(answer)).length
  assert.ok(made <= MOST, told.join())
  for (const answer of told) assert.match(answer, /^(creating|ready|waiting|full|too-many|429|refused)$/)
  for (const socket of sockets) socket.close()
})
