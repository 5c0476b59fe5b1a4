/** Upgrades: the version of the state folder, and of the contract between the two processes. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import os from 'node:os'
import path from 'node:path'
import { afterEach, describe, test } from 'node:test'
import { WebSocketServer } from 'ws'
import { checkStateFormat, STATE_FORMAT, StateFormatError } from '../../server/host/state-format.ts'
import { PROTOCOL_VERSION, VERSION_HEADER } from '../../server/protocol/index.ts'
import { versionProblem } from '../../server/web/host-process.ts'
import { connectLearner, newCookie, RawSocket, stopLearners } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

afterEach(stopLearners)

describe('the state folder', () => {
  const folder = (t: { after: (done: () => void) => void }, text?: string) => {
    const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'state-'))
    t.after(() => fs.rmSync(dir, { recursive: true, force: true }))
    if (text !== undefined) fs.writeFileSync(path.join(dir, 'format.json'), text)
    return dir
  }

  test('gets the version of the lab that uses it first, and keeps it', (t) => {
    const dir = folder(t)
    checkStateFormat(dir)
    checkStateFormat(dir)
    assert.deepEqual(JSON.parse(fs.readFileSync(path.join(dir, 'format.json'), 'utf8')), {
      format: STATE_FORMAT,
    })
  })

  test('of a newer lab is refused with what to do, and not touched', (t) => {
    const text = JSON.stringify({ format: STATE_FORMAT + 1 })
    const dir = folder(t, text)
    assert.throws(
      () => checkStateFormat(dir),
      (error: Error) =>
        error instanceof StateFormatError &&
        /newer version of the lab \(format \d+; this one knows \d+\)\. Start that version again, or set LAB_STATE_DIR/.test(
          error.message,
        ),
    )
    assert.equal(fs.readFileSync(path.join(dir, 'format.json'), 'utf8'), text)
  })

  for (const text of ['', '{', '{"format":"x"}', '{"format":0}', 'null'])
    test(`with ${JSON.stringify(text)} in it is called damaged`, (t) => {
      assert.throws(() => checkStateFormat(folder(t, text)), /is damaged/)
    })

  test('of a newer lab stops the host process with exit code 3, which starts nothing again', async (t) => {
    const lab = await TestLab.start({}, { web: false })
    t.after(() => lab.stop())
    await lab.killHost('SIGTERM')
    fs.writeFileSync(path.join(lab.env.LAB_STATE_DIR!, 'format.json'), JSON.stringify({ format: 99 }))
    const start = () =>
      execFileSync(process.execPath, ['build/host.js'], {
        cwd: ROOT,
        env: { PATH: process.env.PATH, ...lab.env } as unknown as NodeJS.ProcessEnv,
        stdio: 'pipe',
      })
    assert.throws(
      start,
      (error: Error & { status: number; stderr: Buffer }) =>
        error.status === 3 && /format 99/.test(String(error.stderr)),
    )
    fs.writeFileSync(
      path.join(lab.env.LAB_STATE_DIR!, 'format.json'),
      JSON.stringify({ format: STATE_FORMAT }),
    )
  })
})

describe('the two processes', () => {
  test('say which of them is older', () => {
    assert.equal(versionProblem(String(PROTOCOL_VERSION)), null)
    assert.match(
      versionProblem(String(PROTOCOL_VERSION - 1))!,
      /^The host process is of an older version .* restart the host process\./,
    )
    assert.match(versionProblem(undefined)!, /^The host process is of an older version/)
    assert.match(
      versionProblem(String(PROTOCOL_VERSION + 1))!,
      /^The web process is of an older version .* restart the web process\./,
    )
  })

  test('of different versions: health, log and page say so, and nothing is passed on', async (t) => {
    const lab = await TestLab.start({}, { web: false })
    t.after(() => lab.stop())
    await lab.killHost('SIGTERM')
    // A host process of the next version stands there.
    const heard: string[] = []
    const server = http.createServer((_request, response) =>
      response.writeHead(426, { [VERSION_HEADER]: PROTOCOL_VERSION + 1 }).end(),
    )
    const sockets = new WebSocketServer({ server })
    sockets.on('headers', (headers) => headers.push(`${VERSION_HEADER}: ${PROTOCOL_VERSION + 1}`))
    sockets.on('connection', (socket) => socket.on('message', (data) => heard.push(String(data))))
    fs.rmSync(lab.hostSocket, { force: true })
    await new Promise<void>((resolve) => server.listen(lab.hostSocket, resolve))
    t.after(() => server.close())
    await lab.startWeb()
    const health = await fetch(`${lab.url}/api/health`)
    assert.equal(health.status, 503)
    assert.match(await health.text(), /restart the web process/)
    const socket = await RawSocket.open(lab, await newCookie(lab))
    socket.say({ type: 'reset' })
    assert.equal((await socket.next('error')).code, 'host-version')
    assert.equal(await until('it is closed', () => socket.closedWith), 1013)
    assert.match(lab.webLog, /restart the web process/)
    assert.deepEqual(heard, [])
  })

  test('an upgrade of the web process: sandbox, shell and what runs in it go on', async (t) => {
    const lab = await TestLab.start()
    t.after(() => lab.stop())
    const { client } = await connectLearner(lab)
    const shell = await Shell.open(client)
    await shell.paste('work=kept')
    await lab.killWeb('SIGTERM')
    await until('the page has noticed', () => client.view.connection === 'away')
    await lab.startWeb()
    await until('the page is back', () => client.view.connection === 'open')
    assert.equal(await shell.paste('echo $work'), 'kept\n')
  })
})
