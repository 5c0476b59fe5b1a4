/** `npm run check`: types, lint rules and formatting. Installs npm packages first if they are missing. */
import { existsSync } from 'node:fs'
import { runOpenly } from './lib/command.mjs'
import { inRoot } from './lib/paths.mjs'
import { Steps } from './lib/progress.mjs'
import { main } from './lib/refusal.mjs'
import { installModules, modulesUpToDate } from './setup/modules.mjs'
import { installPackages, PACKAGES } from './setup/packages.mjs'
import { checkMachine, checkNode } from './setup/preflight.mjs'

const bin = (name) => inRoot('node_modules', '.bin', name)

await main(async () => {
  checkNode()
  if (!modulesUpToDate()) {
    // node-pty needs a compiler, and installing that needs root.
    const steps = new Steps(2)
    checkMachine()
    await steps.step('Debian packages', (say) => installPackages(PACKAGES, say))
    await steps.step('npm packages', installModules)
  }
  // Next.js declares its types (style sheets, images) in a file that it writes itself.
  if (existsSync(inRoot('app')) && !existsSync(inRoot('next-env.d.ts'))) {
    const env = { ...process.env, NEXT_TELEMETRY_DISABLED: '1' }
    await runOpenly(bin('next'), ['typegen'], { env })
  }
  const checks = [
    ['types', bin('tsc'), ['--noEmit', '-p', '.']],
    ['lint and format', bin('biome'), ['check', '--max-diagnostics=50', '.']],
  ]
  const results = []
  for (const [name, command, args] of checks) {
    const started = performance.now()
    const code = await runOpenly(command, args)
    results.push({ name, code, seconds: (performance.now() - started) / 1000 })
  }
  console.log('')
  for (const { name, code, seconds } of results) {
    console.log(`${code === 0 ? 'ok  ' : 'fail'}  ${name} (${seconds.toFixed(1)} s)`)
  }
  const bad = results.some(({ code }) => code !== 0)
  if (bad) console.log('\nMany findings of the second kind are mended by: npx biome check --write .')
  return bad ? 1 : 0
})
