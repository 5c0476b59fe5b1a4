/** A learner whom nothing that happens to others may harm, and what a lab may hold while learners are in it. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { connectLearner, type Learner } from '../../helpers/client.ts'
import type { TestLab } from '../../helpers/lab.ts'
import { residue } from '../../helpers/residue.ts'
import { Shell } from '../../helpers/shell.ts'
import { until } from '../../helpers/until.ts'

/** Of a learner's sandbox; empty while there is none. */
export function idOf({ client }: Pick<Learner, 'client'>): string {
  const { sandbox } = client.view
  return sandbox?.state === 'ready' ? sandbox.id : ''
}

export const isThere = (learner: Pick<Learner, 'client'>, timeoutMs = 25_000) =>
  until(
    'the page is connected and its sandbox ready',
    () => (learner.client.view.connection === 'open' ? idOf(learner) : ''),
    timeoutMs,
  )

export class Neighbour {
  readonly learner: Learner
  readonly #id: string
  #shell: Shell

  private constructor(learner: Learner, shell: Shell) {
    this.learner = learner
    this.#id = idOf(learner)
    this.#shell = shell
  }

  /** `connect` to one of the lab's processes; by default the way a browser does. */
  static async settle(
    lab: TestLab,
    connect: (lab: TestLab) => Promise<Learner> = (lab) => connectLearner(lab),
  ): Promise<Neighbour> {
    const learner = await connect(lab)
    const shell = await Shell.open(learner.client)
    await shell.paste('own=kept; echo mine > /root/mine; setsid --fork sleep 7651234')
    return new Neighbour(learner, shell)
  }

  /** Sandbox, files and programs are as they were; so is the shell, unless `newShell`: those end with the host process. */
  async check({ newShell = false } = {}): Promise<void> {
    assert.equal(await isThere(this.learner), this.#id, 'the neighbour has the same sandbox')
    if (newShell) {
      this.#shell = await Shell.open(this.learner.client)
      await this.#shell.paste('own=kept')
    } else {
      // What is typed before would wait for the learner's word, after a long break.
      await until('its terminal is followed', () => this.#shell.stream.isLive)
      assert.equal(await this.#shell.paste('echo $own'), 'kept\n', 'the neighbour has the same shell')
    }
    assert.equal(await this.#shell.paste('cat /root/mine; pgrep -fc "sleep 7651234"'), 'mine\n1\n')
  }
}

/** Loop devices over the lab's disks. With a file system of its own below them, the kernel tells only the end of their paths. */
function loopsOf(state: string, ids: string[]): number {
  const { loops } = residue('/sandboxes/')
  return loops.filter((file) => file.startsWith(state) || ids.some((id) => file.includes(`/${id}/`))).length
}

/** What is on this host and in the lab's folders is of its running sandboxes, all of it and nothing else. */
export async function assertNoLeak(lab: TestLab): Promise<void> {
  const { LAB_STATE_DIR: state = '', LAB_RUN_DIR: run = '' } = lab.env
  const look = () => {
    // Disks and claims are known by their folder, which a test may have put somewhere else.
    const left = residue(state)
    const saved = path.join(state, 'saved')
    return {
      folders: fs.readdirSync(path.join(state, 'sandboxes')).sort(),
      runtime: fs.readdirSync(path.join(run, 'runc')).sort(),
      loops: loopsOf(state, lab.sandboxIds()),
      ids: left.ids.length,
      mounts: left.mounts.filter((line) => line.includes('/sandboxes/')),
      halfKept: fs.readdirSync(saved).filter((name) => !name.endsWith('.tar.gz')),
    }
  }
  const expected = () => {
    const ids = lab.sandboxIds().sort()
    const none: string[] = []
    return {
      folders: ids,
      runtime: ids,
      loops: ids.length,
      // Where all share one range there are no claims.
      ids: look().ids === 0 ? 0 : ids.length,
      mounts: none,
      halfKept: none,
    }
  }
  const same = () => JSON.stringify(look()) === JSON.stringify(expected())
  // One may just be on its way in or out.
  await until('nothing is left over', same, 30_000).catch(() => assert.deepEqual(look(), expected()))
}
