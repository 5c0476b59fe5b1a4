/** What a terminal costs that nobody uses. */
import { setTimeout as sleep } from 'node:timers/promises'
import { newCookie } from '../../helpers/client.ts'
import type { TestLab } from '../../helpers/lab.ts'
import { reportOne } from '../measure.ts'
import { LabLink, type Link, settle } from './link.ts'
import type { Ttyd } from './ttyd.ts'
import { rssKib } from './work.ts'

const IDLE = 50

export async function benchIdle(lab: TestLab, ttyd: Ttyd | null): Promise<void> {
  const cookies = await Promise.all(Array.from({ length: 13 }, () => newCookie(lab)))
  // Each learner's first terminal is not counted: what their sandbox costs comes with it.
  const links: Link[] = []
  for (const cookie of cookies) links.push(await LabLink.open(lab, cookie, 1))
  await sleep(2000)
  const before = rssKib(lab.hostPid)
  for (let i = 0; i < IDLE; i++)
    links.push(await LabLink.open(lab, cookies[i % cookies.length]!, 2 + Math.floor(i / cookies.length)))
  await sleep(2000)
  reportOne('terminal.idle.host', 'MiB', (rssKib(lab.hostPid) - before) / IDLE / 1024, { atMost: 0.5 })
  for (const link of links) await link.close()
  if (!ttyd) return
  const first = await ttyd.open()
  await settle(first)
  const empty = rssKib(ttyd.pid)
  const theirs: Link[] = []
  for (let i = 0; i < IDLE; i++) theirs.push(await ttyd.open())
  await sleep(2000)
  reportOne('terminal.idle.ttyd', 'MiB', (rssKib(ttyd.pid) - empty) / IDLE / 1024, {})
  for (const link of [first, ...theirs]) await link.close()
}
