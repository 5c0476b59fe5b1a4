/**
 * The lab as a service of systemd, with docs/systemd/runc-lab.service as it stands: a restart keeps sandboxes and shells, again
 * and again. It installs a unit, so it runs in a disposable machine alone: `npm run test:v2 -- tests/life/unit`.
 */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { connectLearner, type Learner, startLearner, stopLearners } from '../helpers/client.ts'
import { ROOT } from '../helpers/lab.ts'
import { PROMPT, Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

const UNIT = 'runc-lab'
const PLACE = '/opt/runc-lab'
const PORT = '38473'
const ROUNDS = 6
const site = { url: `http://localhost:${PORT}` }
const disposable = process.env.RUNC_LAB_TEST_MACHINE === '1'

const run = (file: string, ...args: string[]) => execFileSync(file, args, { encoding: 'utf8' }).trim()
const show = (name: string) => run('systemctl', 'show', '--value', `--property=${name}`, UNIT)
const journal = () => spawnSync('journalctl', ['-u', UNIT, '--no-pager'], { encoding: 'utf8' }).stdout

const serves = () =>
  until(
    'the lab serves',
    async () => {
      if (show('ActiveState') === 'failed') throw new Error(journal().slice(-3000))
      return (await fetch(`${site.url}/api/health`).catch(() => null))?.status === 200
    },
    90_000,
  ).catch((error: Error) => {
    throw new Error(`${error.message}\n${journal().slice(-3000)}`)
  })

describe('the unit', {
  skip: disposable ? false : 'this machine is not disposable: npm run test:v2 -- tests/life/unit',
}, () => {
  let learner: Learner
  let shell: Shell

  /** On the screen, which may have been drawn anew meanwhile. */
  const sees = (text: string) =>
    until(
      `${JSON.stringify(text)} is on the screen`,
      () => {
        // What was typed without a connection waits until the learner, who has been asked, wants it typed.
        if (shell.stream.asks) shell.stream.typeHeld()
        return shell.screen.includes(text)
      },
      30_000,
    ).catch((error: Error) => {
      const { connection, terminals } = learner.client.view
      throw new Error(
        `${error.message}; ${connection}, terminal ${shell.id} of ${JSON.stringify(terminals)}; there is: ${shell.screen.slice(-1500)}\n${journal().slice(-2000)}`,
      )
    })

  before(async () => {
    // An installed lab: what is built, and not the sources. Nothing of the checkout is changed.
    for (const dir of [PLACE, '/var/unit/upper', '/var/unit/work']) fs.mkdirSync(dir, { recursive: true })
    const lower = fs.existsSync('/run/checkout') ? '/run/checkout' : ROOT
    const options = `lowerdir=${lower},upperdir=/var/unit/upper,workdir=/var/unit/work`
    run('mount', '-t', 'overlay', '-o', options, 'overlay', PLACE)
    fs.rmSync(path.join(PLACE, 'server'), { recursive: true })
    const settings = { PORT, LAB_NAME: 'unit', LAB_STATE_DIR: '/var/lib/unit', UV_USE_IO_URING: '0' }
    const lines = Object.entries({ ...settings, LAB_IMAGE_DIR: process.env.LAB_IMAGE_DIR })
    fs.writeFileSync('/etc/runc-lab.env', lines.map(([name, value]) => `${name}=${value}\n`).join(''))
    fs.copyFileSync(path.join(ROOT, 'docs/systemd/runc-lab.service'), `/etc/systemd/system/${UNIT}.service`)
    run('systemctl', 'daemon-reload')
    run('systemctl', 'start', UNIT)
    await serves()
    learner = await connectLearner(site)
    shell = await Shell.open(learner.client)
    await shell.paste('marker=still-here; echo $$ > /root/pid')
  })
  after(() => {
    stopLearners()
    spawnSync('systemctl', ['stop', UNIT])
  })

  test('a restart keeps the shell and its sandbox, in a page that stays and in one that comes', {
    timeout: 600_000,
  }, async () => {
    const idOf = ({ view: { sandbox } }: Learner['client']) =>
      sandbox?.state === 'ready' ? sandbox.id : null
    const id = idOf(learner.client)
    assert.ok(id)
    for (let round = 0; round < ROUNDS; round++) {
      const process = show('MainPID')
      // In every other round in the middle of output.
      if (round % 2 === 1)
        shell.type(`for i in $(seq 2000); do echo "line $i"; done; echo "end of "${round}\r`)
      run('systemctl', 'restart', UNIT)
      assert.notEqual(show('MainPID'), process)
      await serves()
      const asked = performance.now()
      if (round % 2 === 1) await sees(`\nend of ${round}\n`)
      shell.type(`echo "round ${round}" $marker $$ $(cat /root/pid)\r`)
      await sees(`\nround ${round} still-here`)
      assert.equal(idOf(learner.client), id)
      const ms = Math.round(performance.now() - asked)
      // Another tab, as somebody who has reloaded the page.
      const tab = startLearner(site, learner.cookie)
      const terminal = await until('the tab knows the terminal', () => tab.client.view.terminals[0])
      const screen = Shell.follow(tab.client, terminal.id)
      await screen.until(new RegExp(`round ${round} still-here`))
      await screen.until(PROMPT)
      tab.stop()
      console.log(`round ${round}: the page goes on ${ms} ms after the lab serves`)
    }
    const [, now, then] =
      /round 0 still-here (\d+) (\d+)/.exec(shell.screen) ?? /still-here (\d+) (\d+)/.exec(shell.screen)!
    assert.equal(now, then)
  })

  test('reload exchanges the web process alone', async () => {
    const before = show('MainPID')
    run('systemctl', 'reload', UNIT)
    shell.type('echo "after reload" $marker\r')
    await sees('\nafter reload still-here')
    assert.equal(show('MainPID'), before)
  })

  test('a crash of the supervisor is mended by systemd', async () => {
    const before = show('MainPID')
    run('kill', '-KILL', before)
    await until('another one runs', () => !['', '0', before].includes(show('MainPID')), 30_000)
    await serves()
    const again = await connectLearner(site, learner.cookie)
    const fresh = await Shell.open(again.client, 2)
    assert.match(await fresh.paste('cat /root/pid'), /^\d+/)
  })
})
