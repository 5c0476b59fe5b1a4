/** What a sandbox costs: to make, to use for the first time, to keep, to end. */
import { execFile } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import { promisify } from 'node:util'
import { LabClient } from '../../components/session/lab-client.ts'
import { Machine } from '../../components/session/machine.ts'
import type { SandboxProvider } from '../../server/host/providers/provider.ts'
import { connectLearner, newCookie, openSocket } from '../helpers/client.ts'
import { TestLab, testProvider } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { report, samples, timed } from './measure.ts'

const run = promisify(execFile)
const idOf = (i: number) => `bench${String(i).padStart(15, '0')}`
const MIB = 1024 * 1024
const CONFIG = '/tmp/mycontainer/config.json'

async function exec(provider: SandboxProvider, id: string, ...argv: string[]) {
  const { file, args } = provider.command(id, argv, { tty: false })
  await run(file, args)
}

export async function benchLifecycle(): Promise<void> {
  const { provider, dispose } = testProvider()
  try {
    const create: number[] = []
    const destroy: number[] = []
    for (let i = 0; i < 40; i++) {
      create.push(await timed(() => provider.create(idOf(i), 'bench')))
      destroy.push(await timed(() => provider.destroy(idOf(i))))
    }
    report('sandbox.create', 'ms', create, 150)
    report('sandbox.destroy', 'ms', destroy)
    const docker = await samples(10, async (i) => {
      const id = idOf(1000 + i)
      await provider.create(id, 'bench')
      const ms = await timed(() => exec(provider, id, 'systemctl', 'start', 'docker'))
      await provider.destroy(id)
      return ms
    })
    report('docker.ready', 'ms', docker, 2000)
  } finally {
    await dispose()
  }
}

/** From the open WebSocket of a learner without a sandbox to the first bytes of their shell's prompt. */
export async function benchFirstPrompt(): Promise<void> {
  const lab = await TestLab.start({ LAB_MAX_SANDBOXES: '100' })
  try {
    const first = await samples(20, async () => {
      const cookie = await newCookie(lab)
      let openedAt = 0
      const client = new LabClient({
        clientId: randomBytes(12).toString('hex'),
        connect: async () => {
          const socket = openSocket(lab, cookie)
          socket.once('open', () => {
            openedAt = performance.now()
          })
          return socket as unknown as globalThis.WebSocket
        },
      })
      // As a page does it: a terminal as soon as there is a sandbox, a screen as soon as there is a terminal.
      const machine = new Machine(client)
      try {
        const promptAt = new Promise<number>((resolve) => {
          const shown = new Set<number>()
          client.subscribe(() => {
            for (const { id } of client.view.terminals) {
              if (shown.has(id)) continue
              shown.add(id)
              const write = (_bytes: Uint8Array, _history: boolean, done: () => void) => {
                done()
                resolve(performance.now())
              }
              machine.openScreen(id, { write, clear() {} }, { cols: 80, rows: 24 })
            }
          })
        })
        client.start()
        return (await promptAt) - openedAt
      } finally {
        client.stop()
      }
    })
    report('sandbox.first_prompt', 'ms', first, 300)
  } finally {
    await lab.stop()
  }
}

/** Memory of a sandbox whose learner has a page open and does nothing: what the kernel charges to it, and the host process's growth. */
export async function benchIdleMemory(): Promise<void> {
  const COUNT = 20
  const lab = await TestLab.start({ LAB_MAX_SANDBOXES: '100' })
  const hostRss = () =>
    Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${lab.hostPid}/status`, 'utf8'))![1]) / 1024
  const arrive = async () => {
    const learner = await connectLearner(lab)
    learner.client.watchFile(CONFIG)
    await until('the file is watched', () => learner.client.view.files[CONFIG])
    return learner
  }
  const learners = [await arrive()]
  try {
    const before = hostRss()
    for (let i = 0; i < COUNT; i++) learners.push(await arrive())
    const share = Math.max(0, hostRss() - before) / COUNT
    const provider = lab.provider()
    const each = lab.sandboxIds().map((id) => provider.memoryBytes(id) / MIB + share)
    report('memory.idle_sandbox', 'MiB', each, 8)
  } finally {
    for (const learner of learners) learner.stop()
    await lab.stop()
  }
}
