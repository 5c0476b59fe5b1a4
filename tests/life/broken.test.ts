/** What breaks around sandboxes: files of the lab, cgroups, the machine's clock, dockerd, the machine itself. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, afterEach, before, describe, test } from 'node:test'
import { SteadyDate } from '../../server/host/life/clock.ts'
import { firstProcess } from '../../server/host/providers/runc/first-process.ts'
import { sandboxPaths } from '../../server/host/providers/runc/paths.ts'
import { WorkStore } from '../../server/host/work/store.ts'
import { connectHost, type Learner, stopLearners } from '../helpers/client.ts'
import { ROOT, TestLab } from '../helpers/lab.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'
import { archiveOf } from './helpers/kept.ts'
import { assertNoLeak, idOf, isThere, Neighbour } from './helpers/neighbour.ts'

const HOUR = 3_600_000
const DAY = 24 * HOUR
const dates = path.join(ROOT, 'tests/life/helpers/date-shift.mjs')

let lab: TestLab
let neighbour: Neighbour
let dateShift: string
let owners = 0

before(async () => {
  lab = await TestLab.start({ LAB_ON_STOP: 'keep', LAB_SAVE_SECONDS: '1' }, { host: false, web: false })
  dateShift = path.join(lab.dir, 'date-shift')
  Object.assign(lab.env, { NODE_OPTIONS: `--import=${dates}`, DATE_SHIFT_FILE: dateShift })
  await lab.startHost()
  neighbour = await Neighbour.settle(lab, (lab) => connectHost(lab, 'neighbour'))
})
after(async () => {
  stopLearners()
  await lab?.stop()
  if (lab) assert.deepEqual(residue(lab.name), NOTHING)
})
afterEach(() => assertNoLeak(lab))

const damage: Record<string, (file: string) => void> = {
  empty: (file) => fs.truncateSync(file),
  'cut off': (file) => fs.truncateSync(file, Math.floor(fs.statSync(file).size / 2)),
  nonsense: (file) => fs.writeFileSync(file, Buffer.alloc(5000, 'nonsense')),
}

/** A learner with a file that is kept. */
async function working(): Promise<{ learner: Learner; shell: Shell; owner: string; id: string }> {
  const owner = `learner-${owners++}`
  const learner = await connectHost(lab, owner)
  const shell = await Shell.open(learner.client)
  await shell.paste(
    'mkdir /tmp/mycontainer; echo kept > /tmp/mycontainer/config.json; head -c 50K /dev/urandom > /root/more',
  )
  await until(
    'it is kept',
    () => (fs.statSync(archiveOf(lab, owner), { throwIfNoEntry: false })?.size ?? 0) > 50_000,
    30_000,
  )
  return { learner, shell, owner, id: idOf(learner) }
}

/** They are in another sandbox, with their files, and are told so. */
async function freshWithFiles(learner: Learner, before: string): Promise<void> {
  await until('there is another', () => !['', before].includes(idOf(learner)), 25_000)
  assert.equal(learner.client.view.restored?.ok, true)
  const shell = await Shell.open(learner.client, 3)
  assert.equal(await shell.paste('cat /tmp/mycontainer/config.json; stat -c %s /root/more'), 'kept\n51200\n')
}

const ended = (learner: Learner) =>
  until('it has ended', () => {
    const { sandbox } = learner.client.view
    return sandbox?.state === 'ended' ? sandbox.reason : null
  })

async function restartHost(meanwhile: () => unknown): Promise<void> {
  await lab.killHost()
  await meanwhile()
  await lab.startHost()
}

describe("a sandbox's record", () => {
  const older = (file: string) => {
    const { tier: _, ...record } = JSON.parse(fs.readFileSync(file, 'utf8'))
    fs.writeFileSync(file, JSON.stringify(record))
  }
  const newer = (file: string) => {
    const record = JSON.parse(fs.readFileSync(file, 'utf8'))
    fs.writeFileSync(file, JSON.stringify({ ...record, tier: 'of the future' }))
  }
  for (const [how, harm] of Object.entries({ ...damage, 'of an older lab': older, 'of a newer lab': newer }))
    test(`${how}: a copy is put aside, the log says so, and the learner gets a fresh one with their files`, async () => {
      const { learner, id } = await working()
      const file = sandboxPaths(lab.env.LAB_STATE_DIR!, id).record
      await restartHost(() => harm(file))
      await freshWithFiles(learner, id)
      const [, copy] =
        new RegExp(`sandbox ${id}: its record is damaged; a copy is in ([^"]+)"`).exec(lab.hostLog) ?? []
      assert.ok(fs.existsSync(copy!), lab.hostLog)
      await neighbour.check({ newShell: true })
      learner.stop()
    })
})

describe("the runtime's state of a sandbox", () => {
  const stateOf = (id: string) => path.join(lab.env.LAB_RUN_DIR!, 'runc', id, 'state.json')
  for (const [how, harm] of Object.entries(damage))
    test(`${how}: the learner is told, and gets a fresh one with their files`, async () => {
      const { learner, id } = await working()
      harm(stateOf(id))
      assert.match(await ended(learner), /first process/)
      learner.client.send({ type: 'reset' })
      await freshWithFiles(learner, id)
      await neighbour.check()
      learner.stop()
    })
})

describe('kept files', () => {
  for (const [how, harm] of Object.entries(damage))
    test(`${how}: they are set aside, log and page say so, and the sandbox is there`, async () => {
      const { learner, owner, id } = await working()
      learner.stop()
      const file = archiveOf(lab, owner)
      await restartHost(() => {
        harm(file)
        fs.rmSync(sandboxPaths(lab.env.LAB_STATE_DIR!, id).record)
      })
      const damaged = fs.readFileSync(file)
      const again = await connectHost(lab, owner)
      await until('it is told', () => again.client.view.restored)
      assert.equal(again.client.view.restored?.ok, false)
      const [, aside] = /files could not be put back/.test(lab.hostLog)
        ? /"archive":"([^"]+)"/.exec(lab.hostLog)!
        : []
      assert.deepEqual(fs.readFileSync(aside!), damaged)
      assert.equal(await (await Shell.open(again.client)).paste('echo fine'), 'fine\n')
      await neighbour.check({ newShell: true })
      again.stop()
    })
})

test('what was half written, or belongs to nobody, is cleared away by the next start', async () => {
  const { LAB_STATE_DIR: state = '', LAB_RUN_DIR: run = '' } = lab.env
  const id = 'a'.repeat(20)
  await restartHost(() => {
    for (const file of [
      'saved/x.tar.gz.12345678',
      `sandboxes/${id}/sandbox.json.new`,
      `sandboxes/${id}/disk.img`,
    ]) {
      fs.mkdirSync(path.dirname(path.join(state, file)), { recursive: true })
      fs.writeFileSync(path.join(state, file), 'half')
    }
    fs.mkdirSync(path.join(run, 'runc', id))
  })
  await neighbour.check({ newShell: true })
})

describe("a sandbox's cgroups", () => {
  const everywhere = (name: string) =>
    fs
      .readFileSync('/proc/self/mountinfo', 'utf8')
      .split('\n')
      .filter((line) => / - cgroup2? /.test(line))
      .map((line) => line.split(' ')[4]!)
      .filter((mount) => fs.existsSync(path.join(mount, lab.name, name)))

  /** Moves all processes of a sandbox to the top of these hierarchies, and removes its cgroups there. */
  async function moveOut(id: string, mounts: string[]): Promise<void> {
    for (const mount of mounts) {
      const own = path.join(mount, lab.name, id)
      const cgroups = () =>
        ['', ...(fs.readdirSync(own, { recursive: true }) as string[])]
          .map((name) => path.join(own, name))
          .filter((dir) => fs.existsSync(path.join(dir, 'cgroup.procs')))
      await until('all are out', () => {
        const pids = cgroups().flatMap((dir) =>
          fs.readFileSync(path.join(dir, 'cgroup.procs'), 'utf8').split('\n'),
        )
        for (const pid of pids.filter(Boolean)) {
          try {
            fs.writeFileSync(path.join(mount, 'cgroup.procs'), pid)
          } catch {
            // It has ended.
          }
        }
        return pids.every((pid) => pid === '')
      })
      for (const dir of cgroups().reverse()) fs.rmdirSync(dir)
    }
  }

  test('vanished: the learner is told and gets a fresh one with their files; nothing of the old one runs on', async () => {
    const { learner, id } = await working()
    const { pid } = firstProcess(path.join(lab.env.LAB_RUN_DIR!, 'runc'), id)!
    await moveOut(id, everywhere(id).slice(0, 1))
    assert.match(await ended(learner), /taken away the limits of this sandbox/)
    await until('it is gone', () => !fs.existsSync(`/proc/${pid}`))
    learner.client.send({ type: 'reset' })
    await freshWithFiles(learner, id)
    await neighbour.check()
    learner.stop()
  })

  test('vanished while the host process was away: likewise', async () => {
    const { learner, id } = await working()
    await restartHost(() => moveOut(id, everywhere(id)))
    await freshWithFiles(learner, id)
    assert.match(lab.hostLog, new RegExp(`sandbox ${id}: its processes are not in its cgroups`))
    await neighbour.check({ newShell: true })
    learner.stop()
  })

  test('vanished, and the state of the runtime with them: its processes are found by their disk', async () => {
    const { learner, id } = await working()
    const { pid } = firstProcess(path.join(lab.env.LAB_RUN_DIR!, 'runc'), id)!
    await restartHost(async () => {
      await moveOut(id, everywhere(id))
      fs.rmSync(path.join(lab.env.LAB_RUN_DIR!, 'runc', id), { recursive: true })
    })
    await until('it is gone', () => !fs.existsSync(`/proc/${pid}`))
    await freshWithFiles(learner, id)
    await neighbour.check({ newShell: true })
    learner.stop()
  })
})

describe('the first process, killed from inside', () => {
  test('the learner is told, and gets a fresh one with their files', async () => {
    const { learner, shell, id } = await working()
    shell.type('kill -TERM 1\r')
    assert.match(await ended(learner), /first process/)
    learner.client.send({ type: 'reset' })
    await freshWithFiles(learner, id)
    await neighbour.check()
    learner.stop()
  })
})

describe('dockerd killed', () => {
  test('the next docker command starts it again; everything else goes on', async () => {
    const { learner, shell, id } = await working()
    await shell.paste('docker run -d --name mine busybox top > /dev/null; x=here', { timeoutMs: 60_000 })
    await shell.paste('pkill -KILL dockerd; sleep 0.2')
    assert.match(await shell.paste('/usr/bin/docker ps'), /Is the docker daemon running\?/)
    assert.match(await shell.paste('systemctl status docker'), /inactive \(dead\)/)
    assert.match(await shell.paste('docker ps -a --format "{{.Names}}"', { timeoutMs: 60_000 }), /^mine$/m)
    assert.match(await shell.paste('docker start mine && docker ps -q | wc -l; echo $x'), /^1\nhere$/m)
    assert.equal(idOf(learner), id)
    await neighbour.check()
    learner.stop()
  })
})

describe('the date', () => {
  for (const days of [400, -400])
    test(`set by ${days} days: nobody is sent away, terminals flow, files are kept and none are deleted`, async () => {
      const { learner, shell, owner, id } = await working()
      const other = archiveOf(lab, `somebody-away-${days}`)
      fs.copyFileSync(archiveOf(lab, owner), other)
      fs.writeFileSync(dateShift, String(days * DAY))
      try {
        assert.equal(
          await shell.paste('seq 200000 | tail -c 1200000 | tail -n 1', { timeoutMs: 30_000 }),
          '200000\n',
        )
        const { size } = fs.statSync(archiveOf(lab, owner))
        await shell.paste('head -c 50K /dev/urandom >> /root/more')
        const isKept = () => {
          shell.type(':\r')
          return fs.statSync(archiveOf(lab, owner)).size > size + 40_000
        }
        await until('it is kept', isKept, 30_000)
        assert.ok(fs.existsSync(other), "others' files are not thought old")
        const fresh = await connectHost(lab, `in-another-time-${days}`)
        assert.equal(await (await Shell.open(fresh.client)).paste('echo fine'), 'fine\n')
        fresh.stop()
        assert.equal(idOf(learner), id)
        assert.equal(learner.client.view.ending, null)
        await neighbour.check()
      } finally {
        fs.rmSync(dateShift, { force: true })
      }
      learner.stop()
    })

  test('is believed again an hour after it was set', () => {
    const at = { date: 50 * 365 * DAY, uptime: 0 }
    const steady = new SteadyDate(
      () => at.date,
      () => at.uptime,
    )
    const pass = (ms: number) => {
      at.date += ms
      at.uptime += ms
    }
    assert.ok(steady.isSteady)
    pass(DAY)
    assert.ok(steady.isSteady)
    at.date += 400 * DAY
    assert.ok(!steady.isSteady)
    pass(HOUR - 1)
    assert.ok(!steady.isSteady)
    pass(1)
    assert.ok(steady.isSteady)
    at.date -= 60_000
    assert.ok(steady.isSteady, 'a time server corrects by little')
  })

  test('steady: what is too old goes, and what was kept last stays whatever the date', async () => {
    const state = path.join(lab.dir, 'store')
    const store = new WorkStore(state, { bytes: 1000, totalBytes: 1000, days: 7 })
    const put = (owner: string) =>
      store.put(owner, Object.assign([Buffer.alloc(600)]) as never, Promise.resolve())
    await put('old')
    const [name] = fs.readdirSync(path.join(state, 'saved'))
    const old = Date.now() / 1000 - 8 * 86_400
    fs.utimesSync(path.join(state, 'saved', name!), old, old)
    await put('new')
    assert.equal(store.savedAt('old'), null)
    assert.ok(store.savedAt('new'))
    fs.utimesSync(archive(), Date.now() / 1000 + 86_400, Date.now() / 1000 + 86_400)
    await put('newest')
    assert.ok(store.savedAt('newest'))
    function archive() {
      return path.join(state, 'saved', fs.readdirSync(path.join(state, 'saved'))[0]!)
    }
  })
})

describe('the machine, restarted', () => {
  /** No process of the lab is left, /run is empty, and no mount is there; the state folder is as it was. */
  async function reboot(meanwhile: () => void): Promise<void> {
    await lab.killHost()
    const provider = lab.provider()
    for (const id of lab.sandboxIds()) {
      const { record } = sandboxPaths(lab.env.LAB_STATE_DIR!, id)
      const folder = path.dirname(record)
      const kept = path.join(lab.dir, 'powered-off', id)
      fs.mkdirSync(path.dirname(kept), { recursive: true })
      // `destroy` ends processes and removes cgroups, as a power cut does; what was on the disk is still there then.
      fs.cpSync(folder, kept, { recursive: true, filter: (file) => path.basename(file) !== 'disk.img' })
      await provider.destroy(id)
      fs.renameSync(kept, folder)
      fs.writeFileSync(path.join(folder, 'disk.img'), 'a disk')
    }
    fs.rmSync(lab.env.LAB_RUN_DIR!, { recursive: true })
    meanwhile()
    await lab.startHost()
  }

  test('nothing runs, leftovers on the disk are cleared away, and whoever comes back has their files', async () => {
    const { learner, id } = await working()
    await reboot(() => {
      const file = sandboxPaths(lab.env.LAB_STATE_DIR!, id).record
      const record = JSON.parse(fs.readFileSync(file, 'utf8'))
      fs.writeFileSync(file, JSON.stringify({ ...record, boot: 'another boot' }))
    })
    await freshWithFiles(learner, id)
    assert.match(lab.hostLog, new RegExp(`sandbox ${id}: it is from before a restart of this machine`))
    await isThere(neighbour.learner)
    const shell = await Shell.open(neighbour.learner.client)
    assert.equal(await shell.paste('cat /root/mine'), 'mine\n')
    learner.stop()
  })
})
