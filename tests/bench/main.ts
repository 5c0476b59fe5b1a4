/** `npm run bench`: measures the lab on this machine. Names after `--` choose parts: sandbox, prompt, memory, files, terminal, lens, checks, spec, start, density, page, lessons. */
import { benchChecks } from './checks.ts'
import { benchDensity } from './density.ts'
import { benchFiles } from './files.ts'
import { benchLens } from './lens.ts'
import { benchLessons } from './lessons.ts'
import { benchPage } from './page.ts'
import { benchFirstPrompt, benchIdleMemory, benchLifecycle } from './sandbox.ts'
import { benchSpec } from './spec.ts'
import { benchStart } from './start.ts'
import { benchTerminal } from './terminal.ts'

const PARTS: Record<string, () => Promise<void>> = {
  sandbox: benchLifecycle,
  prompt: benchFirstPrompt,
  memory: benchIdleMemory,
  files: benchFiles,
  terminal: benchTerminal,
  lens: benchLens,
  checks: benchChecks,
  spec: benchSpec,
  start: benchStart,
  density: benchDensity,
  page: benchPage,
  lessons: benchLessons,
}

// Those that begin with dashes are for the part itself.
const wanted = process.argv.slice(2).filter((name) => !name.startsWith('--'))
const unknown = wanted.filter((name) => !(name in PARTS))
if (unknown.length > 0) {
  console.error(
    `There is no benchmark called ${unknown.join(', ')}. There are: ${Object.keys(PARTS).join(', ')}.`,
  )
  process.exit(1)
}
for (const [name, bench] of Object.entries(PARTS)) {
  // That one takes half an hour: only when it is asked for.
  const isDue = wanted.length === 0 ? name !== 'density' : wanted.includes(name)
  if (isDue) await bench()
}
