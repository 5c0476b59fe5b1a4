/** What is measured at a terminal, whoever serves it. */

import fs from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import headless from '@xterm/headless'
import { command, type Link, settle } from './link.ts'

export const FLOOD_BYTES = 200_000_000
export const FLOOD = `head -c ${FLOOD_BYTES} /dev/zero | tr '\\0' x`

/** Milliseconds from each key to its echo; keys come as fast typing does, so that they meet no timer's beat. */
export async function echoes(link: Link, count: number): Promise<number[]> {
  const times: number[] = []
  const key = (text: string) =>
    new Promise<number>((resolve) => {
      const began = performance.now()
      link.onOutput = (bytes) => {
        link.shown(bytes.length)
        resolve(performance.now() - began)
      }
      link.write(text)
    })
  for (let i = 0; i < count; i++) {
    times.push(await key('a'))
    await key('\x7f')
    await sleep(1 + Math.random() * 3)
  }
  link.onOutput = (bytes) => link.shown(bytes.length)
  return times
}

/** MB/s of a long line, drawn at once. */
export async function throughput(link: Link): Promise<number> {
  const began = performance.now()
  await command(link, `${FLOOD}; echo E""ND\r`, 'END')
  const rate = FLOOD_BYTES / (performance.now() - began) / 1000
  await settle(link)
  return rate
}

/** Milliseconds from Ctrl-C to the prompt on the screen of a page that draws no more than so many MB/s. `lost`: bytes it threw away. */
export async function interrupts(
  link: Link,
  count: number,
  mbps: number,
  flood = 'yes 0123456789abcdefghijklmnopqrstuvwxyz',
): Promise<{ times: number[]; lost: number }> {
  const terminal = new headless.Terminal({
    cols: 80,
    rows: 24,
    scrollback: 1000,
    allowProposedApi: true,
    logLevel: 'off',
  })
  let lost = 0
  let drawn = (_bytes: Uint8Array) => {}
  const onDrawn = (bytes: Uint8Array) => {
    const end = performance.now() + bytes.length / (mbps * 1000)
    while (performance.now() < end);
    link.shown(bytes.length)
    drawn(bytes)
  }
  const draw = (bytes: Uint8Array) => {
    try {
      terminal.write(bytes, () => onDrawn(bytes))
    } catch {
      // More than 50 MB wait: xterm.js drops it.
      lost += bytes.length
    }
  }
  await command(link, "PS1='REA''DY> '\r", 'READY>')
  const times: number[] = []
  for (let i = 0; i < count; i++) {
    link.onOutput = draw
    link.write(`${flood}\r`)
    await sleep(1500)
    const began = performance.now()
    await new Promise<void>((resolve) => {
      const giveUp = setTimeout(resolve, 60_000)
      // In the bytes, since random ones leave the screen in any state.
      let tail = ''
      drawn = (bytes) => {
        tail = (tail + Buffer.from(bytes.subarray(-100)).toString('latin1')).slice(-200)
        if (!tail.includes('READY> ')) return
        clearTimeout(giveUp)
        resolve()
      }
      link.write('\x03')
    })
    drawn = () => {}
    times.push(performance.now() - began)
    await sleep(300)
  }
  link.onOutput = (bytes) => link.shown(bytes.length)
  return { times, lost }
}

export function rssKib(pid: number): number {
  return Number(/VmRSS:\s+(\d+)/.exec(fs.readFileSync(`/proc/${pid}/status`, 'utf8'))![1])
}

/** Waits until the machine is nearly idle, but not for ever: others may be at work on it. */
export async function quiet(maxMs = 15_000): Promise<void> {
  const look = () => {
    const fields = fs
      .readFileSync('/proc/stat', 'utf8')
      .split('\n')[0]!
      .trim()
      .split(/\s+/)
      .slice(1)
      .map(Number)
    return { idle: fields[3]! + fields[4]!, all: fields.slice(0, 8).reduce((a, b) => a + b, 0) }
  }
  const deadline = Date.now() + maxMs
  for (;;) {
    const before = look()
    await sleep(500)
    const now = look()
    if ((now.idle - before.idle) / (now.all - before.all) > 0.88 || Date.now() > deadline) return
  }
}
