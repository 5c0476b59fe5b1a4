/** A stage whose host process is this very process: what it takes for time and room, the test sets. */
import path from 'node:path'
import { parseConfig } from '../../../server/config.ts'
import { FeedbackLog } from '../../../server/host/learning/feedback.ts'
import { listen } from '../../../server/host/listen.ts'
import { Registry, type RegistryOptions } from '../../../server/host/registry.ts'
import { createLog } from '../../../server/log.ts'
import { TestLab } from '../../helpers/lab.ts'
import { LIFE } from '../../helpers/registry.ts'
import { launch, type Stage } from './browser.ts'

const MINUTE = 60_000
export const LONG = 600 * MINUTE

/** Times that no test reaches; they may be changed while the lab runs. */
export const longLife = () => ({
  ...{ ...LIFE, idleMs: LONG, hiddenMs: LONG, maxMs: LONG, extensionMs: 60 * MINUTE, warnMs: MINUTE },
})

/** Whoever stops it has to end the process as well: what a host process still watches has no other end. */
export async function startOwnRegistry(
  env: Record<string, string>,
  options: Partial<RegistryOptions>,
): Promise<{ stage: Stage; registry: Registry }> {
  const lab = await TestLab.start(env, { host: false })
  const config = parseConfig(lab.env)
  const log = createLog('test', 'silent')
  const registry = new Registry(lab.provider(), { ...config, sweepMs: 200, ...options }, log)
  const feedback = new FeedbackLog(path.join(lab.dir, 'feedback.jsonl'))
  const server = await listen(lab.hostSocket, 0, Promise.resolve(), registry, feedback, log)
  const browser = await launch()
  const stop = async () => {
    await browser.close()
    await lab.killWeb()
    server.close()
    await registry.close(true)
    await lab.stop()
  }
  return { stage: { lab, browser, stop }, registry }
}
