/** A thread beside the host process: it alone parses what terminals have printed, so that nothing in it can hold up a learner. */
import { parentPort } from 'node:worker_threads'
import type { FromScreens, ToScreens } from './messages.ts'
import { Screen } from './screen.ts'

/** Hostile output costs a thousand times what other output does. Whoever prints that loses the screen, not the others theirs. */
const MAX_MS = 1000
const SLICE_BYTES = 4096

const port = parentPort!
const screens = new Map<number, Screen>()
const say = (message: FromScreens) => port.postMessage(message)

function feed(screen: Screen, bytes: Uint8Array): boolean {
  const began = performance.now()
  for (let i = 0; i < bytes.length; i += SLICE_BYTES) {
    screen.feed(bytes.subarray(i, i + SLICE_BYTES))
    if (performance.now() - began > MAX_MS) return false
  }
  return true
}

function giveUp(id: number): void {
  screens.get(id)?.dispose()
  screens.delete(id)
}

port.on('message', (message: ToScreens) => {
  const screen = screens.get(message.screen)
  switch (message.type) {
    case 'open':
      screens.set(message.screen, new Screen(message.cols, message.rows))
      return
    case 'feed':
      try {
        if (screen && !feed(screen, message.bytes)) giveUp(message.screen)
      } catch {
        giveUp(message.screen)
      }
      return say({ type: 'fed', screen: message.screen, bytes: message.bytes.length })
    case 'resize':
      return screen?.resize(message.cols, message.rows)
    case 'snapshot':
      return say({
        type: 'snapshot',
        request: message.request,
        bytes: screen?.snapshot(message.notice) ?? null,
      })
    case 'close':
      return giveUp(message.screen)
  }
})
