/** Logs keep secrets and commands for terminals to themselves, whatever visitors send. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import net from 'node:net'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { newCookie, RawSocket } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start({ LAB_LOG_LEVEL: 'debug' })
})
after(() => lab?.stop())

/** Runs a line with a log of the product's own and returns what stands on standard error. */
function logged(line: string): string {
  const code = `import { createLog } from '${path.join(ROOT, 'server/log.ts')}'; const log = createLog('test', 'info'); ${line}`
  const { stderr } = spawnSync(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', code], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  return stderr
}

test('a line is JSON, and no character of it commands a terminal or turns text around', () => {
  const line = logged(String.raw`log.info({ name: 'a\u001b[2Jb\u009b31mc\u202ed\u007fe' }, 'x\r\ny')`)
  assert.doesNotMatch(line.trimEnd(), /[\p{Cc}\p{Cf}]/u)
  const { name, msg } = JSON.parse(line)
  assert.equal(name, 'a\u001b[2Jb\u009b31mc\u202ed\u007fe')
  assert.equal(msg, 'x\r\ny')
})

test('a cookie or a secret that is logged by mistake is not written', () => {
  const line = logged(
    "log.info({ cookie: 'hush', secret: 'hush', headers: { cookie: 'hush', authorization: 'hush' } }, 'x')",
  )
  assert.ok(line.includes('(secret)') && !line.includes('hush'))
})

test('whatever a visitor sends: neither their cookie nor their commands are in the log, and nothing typed', async () => {
  const cookie = await newCookie(lab)
  const socket = await RawSocket.open(lab, cookie, { 'X-Forwarded-For': '203.0.113.9', 'User-Agent': 'a\tb' })
  await socket.hello()
  socket.say({ type: 'open-terminal', number: 1, cols: 80, rows: 24 })
  await until('the terminal is open', () => socket.messages.some((message) => message.type === 'terminals'))
  socket.say('\u001b]0;pwned\u0007{')
  socket.say({ type: '\u001b[31mdance\u009b' })
  await until(
    'both are refused',
    () => socket.messages.filter((message) => message.type === 'error').length >= 2,
  )
  const port = Number(new URL(lab.url).port)
  await new Promise((resolve) => {
    const rude = net.connect(port, '127.0.0.1', () =>
      rude.write('GET /\x1b[2J HTTP/1.1\r\nHost: \x9bevil\r\n\r\n'),
    )
    rude.on('data', () => {}).on('close', resolve)
    rude.on('error', () => {})
  })
  socket.close()
  const log = lab.hostLog + lab.webLog
  assert.match(log, /LAB_TRUSTED_PROXIES/)
  assert.ok(!log.includes(cookie.split('=')[1]!), 'no cookie')
  assert.ok(!log.includes(lab.secret), 'no secret')
  assert.doesNotMatch(log.replaceAll('\n', ''), /[\p{Cc}\p{Cf}]/u)
  for (const line of log.trim().split('\n')) JSON.parse(line)
})
