/** Disks without room: a sandbox's own, and the host's under all of them. Told in words, nothing corrupted, and it goes on when there is room. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import http from 'node:http'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { OWNER_HEADER } from '../../server/protocol/index.ts'
import { connectHost, type Learner, stopLearners } from '../helpers/client.ts'
import { labEnvironment, TestLab } from '../helpers/lab.ts'
import { NOTHING, residue } from '../helpers/residue.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'
import { archiveOf } from './helpers/kept.ts'
import { assertNoLeak, isThere, Neighbour } from './helpers/neighbour.ts'

after(stopLearners)

const MIB = 1024 * 1024
const FILE = '/root/config.json'

/** A host process whose state folder is a disk of so many MiB of its own. */
async function smallLab(mib: number, env: Record<string, string>) {
  const { dir } = labEnvironment()
  const state = path.join(dir, 'small')
  fs.mkdirSync(state)
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${mib}m,mode=711`, `small-${mib}`, state])
  const lab = await TestLab.start({ LAB_STATE_DIR: state, LAB_SAVE_SECONDS: '1', ...env }, { web: false })
  const filler = path.join(state, 'filler')
  return {
    lab,
    /** Takes all of the room but so much. */
    fill(leftBytes = 0) {
      const { bavail, bsize } = fs.statfsSync(state)
      try {
        fs.appendFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)))
      } catch (error) {
        // Sandboxes write, too.
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    },
    empty: () => fs.rmSync(filler, { force: true }),
    async end() {
      await lab.stop()
      // Refused if anything of it is still in use, such as by a loop device.
      execFileSync('umount', [state])
      fs.rmSync(dir, { recursive: true, force: true })
      assert.deepEqual(residue(lab.name), NOTHING)
    },
  }
}

const settle = (lab: TestLab) => Neighbour.settle(lab, (lab) => connectHost(lab, 'neighbour'))

/** What the host process answers to files that are brought back. */
function bring(lab: TestLab, owner: string, archive: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const headers = { [OWNER_HEADER]: owner }
    const request = http.request({ socketPath: lab.hostSocket, path: '/work', method: 'POST', headers })
    request.on('response', (response) => {
      let text = ''
      response.on('data', (chunk) => {
        text += chunk
      })
      response.on('end', () => resolve(text))
    })
    request.on('error', reject)
    request.end(archive)
  })
}

/** Saves as the editor does: what the lab answers. */
async function save({ client }: Learner, text: string): Promise<string> {
  client.watchFile(FILE)
  const file = await until('the file is seen', () => client.view.files[FILE])
  const outcome = client
    .saveFile(FILE, file.state === 'text' ? file.hash : null, text)
    .then(({ saved }) => (saved ? 'saved' : 'conflict'))
  return outcome.catch((error: Error) => error.message)
}

describe("a sandbox's own disk", () => {
  let lab: TestLab
  let neighbour: Neighbour
  before(async () => {
    lab = await TestLab.start({ LAB_SAVE_SECONDS: '1' }, { web: false })
    neighbour = await settle(lab)
  })
  after(async () => {
    await lab?.stop()
    if (lab) assert.deepEqual(residue(lab.name), NOTHING)
  })

  const FULL = {
    'without room': {
      fill: 'fallocate -l 4G /root/fill; head -c 1M /dev/zero > /root/rest',
      free: 'rm /root/fill /root/rest',
    },
    'without inodes': {
      fill: `mkdir /root/many; perl -e '1 while open F, ">", "/root/many/".$n++'`,
      free: 'rm /root/many/12*',
    },
  }
  for (const [name, { fill, free }] of Object.entries(FULL))
    test(`${name}: saving is refused with the reason, files are kept, and all works again after tidying up`, async () => {
      const learner = await connectHost(lab, name)
      const shell = await Shell.open(learner.client)
      assert.equal(await save(learner, '{ "one": 1 }'), 'saved')
      await shell.paste('head -c 300K /dev/urandom > /root/more')
      const keptBytes = () => fs.statSync(archiveOf(lab, name), { throwIfNoEntry: false })?.size ?? 0
      await until('it is kept', () => keptBytes() > 300_000)
      const archive = fs.readFileSync(archiveOf(lab, name))
      await shell.paste('rm /root/more')
      await shell.paste(fill, { timeoutMs: 60_000 })
      assert.match(await save(learner, '{ "two": 2 }'.repeat(500)), /No space left on device/)
      assert.match(await bring(lab, name, archive), /could not be unpacked: .*No space left on device/)
      assert.equal(await shell.paste(`cat ${FILE}; echo`), '{ "one": 1 }\n', 'it is as it was')
      const { mtimeMs } = fs.statSync(archiveOf(lab, name))
      await until(
        'it is still kept',
        () => {
          shell.type(':\r')
          return fs.statSync(archiveOf(lab, name)).mtimeMs > mtimeMs
        },
        40_000,
      )
      // Prompts of what was typed above may still come: only its own word tells that it is done.
      shell.type(`${free}; echo fre''ed\r`)
      await shell.until(/^freed$/m, 60_000)
      assert.equal(await save(learner, '{ "three": 3 }'), 'saved')
      assert.match(await bring(lab, name, archive), /Your files are in the sandbox/)
      await neighbour.check()
      learner.stop()
    })
})

describe("the host's disk without any room", () => {
  let small: Awaited<ReturnType<typeof smallLab>>
  let neighbour: Neighbour
  before(async () => {
    small = await smallLab(64, { LAB_DISK_RESERVE_MIB: '0', LAB_ON_STOP: 'keep' })
    neighbour = await settle(small.lab)
  })
  after(() => small?.end())

  test('while one is made: its learner is told, others go on, and it works when there is room', async () => {
    const { lab, fill, empty } = small
    fill()
    const learner = await connectHost(lab, 'newcomer', { ready: false })
    const { client } = learner
    await until('it is told', () => client.view.sandbox?.state === 'failed')
    const { sandbox } = client.view
    assert.match(sandbox?.state === 'failed' ? sandbox.hint : '', /[Nn]o space left on device.*Try again/)
    await neighbour.check()
    await assertNoLeak(lab)
    empty()
    client.send({ type: 'reset' })
    await isThere(learner)
    assert.equal(await (await Shell.open(client)).paste('echo fine'), 'fine\n')
  })

  test('while files are kept: the earlier ones stay, and it is kept when there is room', async () => {
    const { lab, fill, empty } = small
    const { client } = await connectHost(lab, 'worker')
    const shell = await Shell.open(client)
    await shell.paste('echo first > /root/first')
    const file = archiveOf(lab, 'worker')
    await until('it is kept', () => fs.existsSync(file))
    const before = fs.readFileSync(file)
    fill()
    await shell.paste('head -c 200K /dev/urandom > /root/second')
    await until('the log says so', () => /files could not be kept/.test(lab.hostLog), 30_000)
    assert.deepEqual(fs.readFileSync(file), before)
    empty()
    await assertNoLeak(lab)
    const more = () => {
      shell.type(':\r')
      return fs.statSync(file).size > 200_000
    }
    await until('it is kept', more, 30_000)
    await neighbour.check()
  })

  test('while the host process is started again: it starts, and everybody has what they had', async () => {
    const { lab, fill, empty } = small
    fill()
    await lab.killHost()
    await lab.startHost()
    await neighbour.check({ newShell: true })
    await lab.killHost('SIGTERM')
    await lab.startHost()
    await neighbour.check({ newShell: true })
    empty()
    await assertNoLeak(lab)
  })
})

describe("the host's disk with little room", () => {
  let small: Awaited<ReturnType<typeof smallLab>>
  let neighbour: Neighbour
  before(async () => {
    small = await smallLab(128, { LAB_DISK_RESERVE_MIB: '64' })
    neighbour = await settle(small.lab)
  })
  after(() => small?.end())

  test('whoever comes waits, is told why, and gets in when there is room', async () => {
    const { lab, fill, empty } = small
    fill(40 * MIB)
    const learner = await connectHost(lab, 'newcomer', { ready: false })
    const { client } = learner
    await until('they wait', () => client.view.sandbox?.state === 'waiting')
    assert.deepEqual(client.view.sandbox, { state: 'waiting', place: 1, why: 'disk', limit: 0 })
    empty()
    await isThere(learner)
    learner.stop()
  })

  test('whoever writes is paused and told, loses nothing, and goes on when there is room', async () => {
    const { lab, fill, empty } = small
    const { client } = await connectHost(lab, 'writer')
    const shell = await Shell.open(client)
    fill(40 * MIB)
    shell.type(
      'for i in $(seq 40); do head -c 1M /dev/urandom; sleep 0.1; done | tee >(sha1sum > /root/sum) | dd of=/root/big bs=64K iflag=fullblock oflag=dsync status=none; echo written\r',
    )
    const notice = (level: string) =>
      client.view.limits.find((each) => each.limit === 'lab-disk' && each.level === level)
    const { what, hint } = await until('it is told', () => notice('reached'), 30_000)
    assert.match(what, /^It was writing, .*nearly full\. Nothing of yours is lost\.$/)
    assert.match(hint, /goes on by itself/)
    const { bavail, bsize } = fs.statfsSync(lab.env.LAB_STATE_DIR!)
    assert.ok(bavail * bsize > 8 * MIB, `it stopped in time: ${bavail * bsize} bytes are left`)
    await neighbour.check()
    assert.match(lab.hostLog, /sandbox paused/)
    // Typed meanwhile: not lost either.
    empty()
    await shell.until(/\nwritten\s+root@lab:\S*# $/, 40_000)
    const sums = await shell.paste(
      'dd if=/root/big iflag=direct bs=1M status=none | sha1sum - /root/sum; cat /root/sum',
    )
    const [written, , read] = sums.split('\n').map((line) => line.split(' ')[0])
    assert.equal(read, written)
    await until('that it has gone on is told', () =>
      client.view.limits.every(({ limit }) => limit !== 'lab-disk'),
    )
    await neighbour.check()
  })
})
