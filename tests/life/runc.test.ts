/** runc failing, hanging, dying, being slow and lying at each call that the host process makes: told or tried again, nothing left. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parseConfig } from '../../server/config.ts'
import { connectHost, type Learner, stopLearners } from '../helpers/client.ts'
import { labEnvironment, TestLab } from '../helpers/lab.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'
import { type Call, FailingRunc, type Way } from './helpers/failing-runc.ts'
import { archiveOf, keepFor } from './helpers/kept.ts'
import { assertNoLeak, isThere, Neighbour } from './helpers/neighbour.ts'

/** What the learner has of it. */
type Outcome =
  /** Nothing: it goes on, or is tried again. */
  | 'not noticed'
  /** A sentence in the page or the terminal; the next attempt works. */
  | 'told'
  /** Their files are not kept this time; the log says so, and they are kept the next time. */
  | 'kept later'
  /** A sandbox without their files, which are set aside; page and log say so. */
  | 'set aside'

const TABLE: [call: Call, way: Way, times: number, outcome: Outcome][] = [
  ['create', 'fails', 1, 'not noticed'],
  ['create', 'fails', 2, 'told'],
  ['create', 'dies', 1, 'not noticed'],
  ['create', 'dies', 2, 'told'],
  ['create', 'lies', 1, 'not noticed'],
  ['create', 'is slow', 1, 'not noticed'],
  ['create', 'hangs', 1, 'told'],
  ['terminal', 'fails', 1, 'told'],
  ['terminal', 'dies', 1, 'told'],
  ['terminal', 'is slow', 1, 'not noticed'],
  ['terminal', 'hangs', 1, 'told'],
  ['agent', 'fails', 2, 'not noticed'],
  ['agent', 'dies', 1, 'not noticed'],
  ['agent', 'lies', 1, 'not noticed'],
  ['agent', 'is slow', 1, 'not noticed'],
  ['agent', 'hangs', 1, 'not noticed'],
  ['lens', 'fails', 2, 'not noticed'],
  ['lens', 'is slow', 1, 'not noticed'],
  ['lens', 'hangs', 1, 'not noticed'],
  ['keep', 'fails', 1, 'kept later'],
  ['keep', 'dies', 1, 'kept later'],
  ['keep', 'lies', 1, 'kept later'],
  ['keep', 'is slow', 1, 'not noticed'],
  ['keep', 'hangs', 1, 'kept later'],
  ['restore', 'fails', 1, 'not noticed'],
  ['restore', 'fails', 2, 'set aside'],
  ['restore', 'dies', 1, 'not noticed'],
  ['restore', 'lies', 1, 'not noticed'],
  ['restore', 'is slow', 1, 'not noticed'],
  ['restore', 'hangs', 1, 'not noticed'],
]

const BAD_DAY = /the runtime has a bad day|ended with SIGKILL|no answer within 20 s/
let owners = 0

/** A lab on such a runtime, with a neighbour in it. */
class BadDay {
  readonly lab: TestLab
  readonly runc: FailingRunc
  readonly neighbour: Neighbour
  /** Kept files of somebody. */
  readonly work: Buffer

  private constructor(lab: TestLab, runc: FailingRunc, neighbour: Neighbour, work: Buffer) {
    this.lab = lab
    this.runc = runc
    this.neighbour = neighbour
    this.work = work
  }

  static async begin(): Promise<BadDay> {
    const { dir } = labEnvironment()
    const runc = new FailingRunc(dir, parseConfig(process.env).imageDir)
    const lab = await TestLab.start({ LAB_IMAGE_DIR: runc.imageDir, LAB_SAVE_SECONDS: '1' }, { web: false })
    const neighbour = await Neighbour.settle(lab, (lab) => connectHost(lab, 'neighbour'))
    const learner = await connectHost(lab, 'worker')
    await (await Shell.open(learner.client)).paste('echo kept > /root/mine')
    await until('it is kept', () => fs.existsSync(archiveOf(lab, 'worker')))
    const work = fs.readFileSync(archiveOf(lab, 'worker'))
    learner.stop()
    return new BadDay(lab, runc, neighbour, work)
  }

  async end(): Promise<void> {
    this.neighbour.learner.stop()
    await this.lab.stop()
    assert.deepEqual(residue(this.lab.name), NOTHING)
    fs.rmSync(path.dirname(this.runc.imageDir), { recursive: true })
  }

  async meets(call: Call, way: Way, times: number, outcome: Outcome): Promise<void> {
    const { lab, runc } = this
    const owner = `learner-${owners++}`
    if (call === 'restore') keepFor(lab, owner, this.work)
    const plan = () => runc.next(call, way, times)
    if (call === 'create' || call === 'restore') plan()
    const learner = await connectHost(lab, owner, { ready: false })
    await ACTS[call](learner, outcome, plan, this)
    assert.ok(runc.isDone, 'it went wrong as often as it should')
    // And then everything works.
    await isThere(learner)
    const shell = await Shell.open(learner.client, 2)
    assert.equal(await shell.paste('echo fine'), 'fine\n')
    const { stdout } = spawnSync('pgrep', ['-f', `hangs ${runc.imageDir.slice(0, -6)}`], { encoding: 'utf8' })
    assert.equal(stdout, '', 'what hung has been ended')
    await this.neighbour.check()
    await assertNoLeak(lab)
    learner.stop()
  }
}

type Act = (learner: Learner, outcome: Outcome, plan: () => void, day: BadDay) => Promise<void>

const ACTS: Record<Call, Act> = {
  create: async (learner, outcome) => {
    const { client } = learner
    if (outcome === 'not noticed') return void (await isThere(learner))
    const failed = () => {
      const { sandbox } = client.view
      return sandbox?.state === 'failed' ? sandbox : null
    }
    const view = await until('the failure is told', failed, 30_000)
    assert.match(view.message, /Your sandbox could not be created/)
    assert.match(view.hint, BAD_DAY)
    assert.match(view.hint, /Try again/)
    client.send({ type: 'reset' })
  },
  terminal: async (learner, outcome, plan) => {
    const { client } = learner
    await isThere(learner)
    plan()
    if (outcome === 'not noticed') return void (await Shell.open(client, 1))
    const socket = client
    socket.send({ type: 'open-terminal', number: 1, cols: 80, rows: 24 })
    const ended = await until('it has ended', () => client.view.terminals.find(({ exit }) => exit), 30_000)
    const seen = await Shell.follow(client, ended.id)
    // One that is killed can say nothing: its code says it.
    if (ended.exit !== 137) await seen.until(BAD_DAY)
    else if (seen.screen) await seen.until(/did not start within 20 seconds.*Open a new terminal/)
    await Shell.open(client, 1)
  },
  agent: async (learner, _, plan) => {
    const { client } = learner
    await isThere(learner)
    plan()
    client.watchFile('/etc/hostname')
    await until('the file is seen', () => client.view.files['/etc/hostname']?.state === 'text', 30_000)
  },
  lens: async (learner, _, plan) => {
    const { client } = learner
    await isThere(learner)
    plan()
    let state = ''
    client.onMessage((message) => {
      if (message.type === 'lens') state = message.state
    })
    client.send({ type: 'watch-lens', open: true, look: [] })
    await until('the lens looks', () => state === 'live', 30_000)
    client.send({ type: 'watch-lens', open: false, look: [] })
  },
  keep: async (learner, outcome, plan, { lab, runc }) => {
    await isThere(learner)
    const archive = () => fs.statSync(archiveOf(lab, learner.cookie), { throwIfNoEntry: false })?.size ?? 0
    const shell = await Shell.open(learner.client, 1)
    await shell.paste('echo first > /root/first')
    await until('it is kept', archive)
    const before = archive()
    plan()
    await shell.paste('head -c 100K /dev/urandom > /root/second')
    await until('it was tried', () => runc.isDone)
    if (outcome === 'kept later') {
      await until('the log says so', () => lab.hostLog.includes('files could not be kept'), 40_000)
      assert.equal(archive(), before, 'what was kept before is as it was')
    }
    await until(
      'it is kept',
      () => {
        shell.type(':\r')
        return archive() > before + 90_000
      },
      40_000,
    )
  },
  restore: async (learner, outcome, _, { lab, work }) => {
    await isThere(learner, 60_000)
    const isBack = outcome === 'not noticed'
    await until('it is told', () => learner.client.view.restored)
    assert.equal(learner.client.view.restored?.ok, isBack)
    const shell = await Shell.open(learner.client, 1)
    assert.match(await shell.paste('cat /root/mine'), isBack ? /^kept$/m : /No such file/)
    if (isBack) return
    const said = /"archive":"([^"]+)"/.exec(lab.hostLog)
    assert.deepEqual(fs.readFileSync(said![1]!), work, 'what was kept is set aside as it was')
  },
}

/** Those that wait for a time-out do it at the same time, each in a lab of its own. */
const hangs = TABLE.filter(([, way]) => way === 'hangs')
const others = TABLE.filter(([, way]) => way !== 'hangs')
const nameOf = ([call, way, times, outcome]: (typeof TABLE)[number]) =>
  `at ${call} ${way}${times > 1 ? ` ${times} times` : ''}: ${outcome}`

describe('runc', { concurrency: true }, () => {
  after(stopLearners)

  describe('that', { concurrency: 1 }, () => {
    let day: BadDay
    before(async () => {
      day = await BadDay.begin()
    })
    after(() => day?.end())
    for (const row of others) test(nameOf(row), () => day.meets(...row))
  })

  for (const row of hangs)
    test(`that ${nameOf(row)}`, async () => {
      const day = await BadDay.begin()
      try {
        await day.meets(...row)
      } finally {
        await day.end()
      }
    })
})
