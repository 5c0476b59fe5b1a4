/** How long it takes until the lab serves: the web process alone, and a second `npm start` as a whole. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { labEnvironment, ROOT, TestLab } from '../helpers/lab.ts'
import { report, samples, timed } from './measure.ts'

export async function benchStart(): Promise<void> {
  const lab = await TestLab.start()
  try {
    const web = await samples(8, async () => {
      await lab.killWeb('SIGTERM')
      return timed(() => lab.startWeb())
    })
    report('web.start_warm', 'ms', web)
  } finally {
    await lab.stop()
  }

  const second = await samples(4, async () => {
    const { env } = labEnvironment()
    const { LAB_WEB_SECRET_FILE: _, ...settings } = env
    const began = performance.now()
    const child = spawn(process.execPath, ['scripts/start.mjs'], {
      cwd: ROOT,
      // One name for all runs: the start makes a system user of it.
      env: { ...process.env, ...settings, LAB_NAME: 'runclab-bench' } as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise<void>((resolve, reject) => {
      let printed = ''
      child.stdout.on('data', (chunk) => {
        printed += chunk
        if (printed.includes('is ready:')) resolve()
      })
      child.once('exit', (code) => reject(new Error(`npm start ended with ${code}: ${printed}`)))
    })
    const ms = performance.now() - began
    child.kill('SIGTERM')
    await once(child, 'exit')
    return ms
  })
  report('start.second', 'ms', second, 5000)
}
