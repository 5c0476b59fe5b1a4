/** The host process: root, owner of all sandboxes and terminals. Outlives the web process. */
import path from 'node:path'
import { ConfigError, parseConfig } from '../config.ts'
import { createLog } from '../log.ts'
import { listenForControl } from './control.ts'
import { FeedbackLog } from './learning/feedback.ts'
import { freeBytes, hasDisk, watchDisk } from './life/disk.ts'
import { AlreadyRunning, listen } from './listen.ts'
import { ConnectedProvider } from './network/connected.ts'
import { RuncProvider } from './providers/runc/index.ts'
import { Unusable } from './providers/runc/unusable.ts'
import { Registry } from './registry.ts'
import { checkStateFormat, StateFormatError } from './state-format.ts'
import { handOver, TakenOver } from './terminals/hand-over.ts'

/** Told to whoever started us: trying again would end the same way. */
const EXIT_REFUSED = 3
/** By whoever started us. */
const RESTART = 'restart'

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const log = createLog('host', config.logLevel)
  const socketPath = path.join(config.runDir, 'host.sock')
  checkStateFormat(config.stateDir)
  const runc = new RuncProvider(config)
  const { egress, runDir } = config
  const network = egress && new ConnectedProvider(runc, { egress, runDir, log })
  // Asked again at every sweep, so that nothing is missed before there is a way to stop.
  let drained = () => {}
  const { stateDir, diskReserveBytes } = config
  const disk = {
    hasDisk: watchDisk(() => hasDisk(config), config, log),
    freeBytes: () => freeBytes(stateDir),
    pauseBelowBytes: diskReserveBytes / 2,
  }
  const registry = new Registry(network ?? runc, { ...config, ...disk, onDrained: () => drained() }, log)
  // Connections wait for this: a learner who comes back meanwhile must find their sandbox adopted, not make another.
  let open = () => {}
  const ready = new Promise<void>((resolve) => {
    open = resolve
  })
  const feedback = new FeedbackLog(path.join(config.stateDir, 'feedback.jsonl'))
  const group = Number(process.env.LAB_SOCKET_GID ?? 0)
  const server = await listen(socketPath, group, ready, registry, feedback, log)
  await network?.start()
  // Only now: had another host process been at work, its sandboxes would have been taken for leftovers.
  const held = new TakenOver(runDir)
  const adopted = await registry.adopt((sandbox) => held.of(sandbox))
  held.done()
  open()
  const control = await listenForControl(runDir, registry, config.drainMinutes)
  if (adopted > 0) log.info({ adopted }, 'sandboxes adopted')
  const shared = await runc.sharedIds()
  if (shared) log.warn({ why: shared }, 'all sandboxes share one range of user ids: npm run doctor says more')
  log.debug('listening')
  process.send?.({ type: 'listening' })

  const leaveShells = () =>
    handOver(registry.terminals, { hold: runc.hold, runDir, log }).catch((error: Error) =>
      log.warn({ error: error.message }, 'shells end: they could not be left to the next host process'),
    )
  let stopping = false
  const stop = async (destroy: boolean) => {
    if (stopping) return
    stopping = true
    server.close()
    control.close()
    await registry.close(destroy)
    if (destroy) await runc.dispose()
    else await leaveShells()
    network?.close()
    log.debug('stopped')
    process.exit(0)
  }
  process.on('SIGTERM', () => void stop(config.onStop === 'destroy'))
  process.on('SIGINT', () => void stop(config.onStop === 'destroy'))
  drained = () => {
    // Whoever started us has to know that this end is meant.
    process.send?.({ type: 'drained' })
    void stop(true)
  }
  // To be started again at once, whatever the lab does when it stops for good.
  process.on('message', (message) => message === RESTART && void stop(false))
  // Whoever started us is gone without a word: leave the sandboxes to be adopted.
  process.on('disconnect', () => void stop(false))
}

main().catch((error: Error) => {
  if (error instanceof AlreadyRunning) {
    console.error(
      `Another runC Lab of this name is running (it answers at ${error.message}). Stop it, or set LAB_NAME.`,
    )
    process.exit(EXIT_REFUSED)
  }
  const { code, path: file = '' } = error as NodeJS.ErrnoException
  if (code === 'ENOSPC' || code === 'EROFS') {
    console.error(
      `${file || 'A file'} could not be written: the disk ${code === 'EROFS' ? 'is read-only' : 'has no room'}. Sandboxes that run go on; the lab starts when that is mended.`,
    )
    process.exit(1)
  }
  if (error instanceof Unusable || error instanceof StateFormatError) {
    console.error(error.message)
    process.exit(EXIT_REFUSED)
  }
  console.error(error instanceof ConfigError ? error.message : error.stack)
  process.exit(1)
})
