/**
 * npm run -s newcomer [-- bookworm trixie]: a newcomer's run of the README in a clean Debian 12 and 13. The commands are
 * taken from the README's text; what is cloned is the last commit of this checkout. A learner then walks the first step in
 * Chromium. Takes minutes for each, and needs Debian's and npm's package registries.
 */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Learner, launch, type Stage } from '../e2e/helpers/browser.ts'
import { walkStep } from '../e2e/helpers/walk.ts'
import { ROOT } from '../helpers/lab.ts'
import { freePort } from '../helpers/nginx.ts'
import { until } from '../helpers/until.ts'
import { CleanDebian } from './clean-debian.ts'

const RELEASES: Record<string, string> = { bookworm: 'Debian 12', trixie: 'Debian 13' }
const READY_MS = 30 * 60_000

/** What the README tells somebody with this release to type: first what they need, then the lab's own commands. */
function readmeCommands(release: string): { needs: string; clone: string; start: string } {
  const text = fs.readFileSync(path.join(ROOT, 'README.md'), 'utf8')
  const find = (pattern: RegExp) => {
    const found = pattern.exec(text)?.[1]?.trim()
    if (!found) throw new Error(`README.md has no line like ${pattern}.`)
    return found
  }
  return {
    needs: find(new RegExp(`^(apt-get install .*?) +# ${release}\\b.*$`, 'm')),
    clone: find(/^(git clone .*)$/m),
    start: find(/^(npm start)\b/m),
  }
}

const clock = () => {
  const started = Date.now()
  return () => `${Math.round((Date.now() - started) / 1000)} s`
}

async function run(suite: string, repository: string): Promise<void> {
  const release = RELEASES[suite]!
  const { needs, clone, start } = readmeCommands(release)
  const port = await freePort()
  const say = (line: string) => console.log(`${release}: ${line}`)
  const debian = new CleanDebian()
  try {
    await debian.start(suite)
    debian.copy(repository, '/repository')
    const needed = clock()
    say(`$ ${needs}`)
    debian.shell(needs)
    say(`  ${needed()}; Node ${debian.shell('node --version')}, npm ${debian.shell('npm --version')}`)
    const typed = `cd /opt && ${clone.replace('<this repository>', '/repository')} && exec ${start}`
    say(`$ ${clone} && ${start}`)
    const ready = clock()
    // The port and the name keep it apart from labs that run here already.
    const [file, args] = debian.command(typed, { PORT: String(port), LAB_NAME: `newcomer-${suite}` })
    const lab = spawn(file, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    let output = ''
    for (const stream of [lab.stdout, lab.stderr])
      stream.setEncoding('utf8').on('data', (text) => {
        output += text
      })
    await until(
      'the lab is ready',
      () => {
        if (lab.exitCode !== null) throw new Error(`npm start ended with ${lab.exitCode}`)
        return output.includes('runC Lab is ready')
      },
      READY_MS,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${output}`)
    })
    console.log(output.replace(/^/gm, '    '))
    say(`  ready after ${ready()}`)
    const walked = clock()
    const browser = await launch()
    try {
      const learner = await Learner.arrive({
        lab: { url: `http://localhost:${port}` },
        browser,
      } as unknown as Stage)
      await learner.goto('/')
      await learner.page.getByRole('link', { name: /Start/ }).first().click()
      await learner.page.waitForURL('**/meet-the-tools')
      await learner.prompt()
      await walkStep(learner)
      await learner.stepDone()
      await learner.leave()
    } finally {
      await browser.close()
    }
    say(`  the first step walked in ${walked()}`)
    const stopped = clock()
    debian.shell('pkill -INT --full "^node scripts/start.mjs"')
    if (lab.exitCode === null) await once(lab, 'exit')
    say(`  stopped in ${stopped()} with exit code ${lab.exitCode}`)
    if (lab.exitCode !== 0) throw new Error(`npm start ended with ${lab.exitCode}\n${output}`)
    say('works')
  } finally {
    await debian.remove()
  }
}

async function main(): Promise<void> {
  const asked = process.argv.slice(2)
  const unknown = asked.find((suite) => !RELEASES[suite])
  const problem = unknown
    ? `${unknown} is none of: ${Object.keys(RELEASES).join(', ')}`
    : process.getuid!() !== 0
      ? 'it must be run by root'
      : null
  if (problem) {
    console.error(`This cannot be run: ${problem}.`)
    process.exit(2)
  }
  const repository = fs.mkdtempSync(path.join(os.tmpdir(), 'newcomer-'))
  execFileSync('git', ['clone', '--quiet', '--bare', ROOT, repository])
  try {
    for (const suite of asked.length > 0 ? asked : Object.keys(RELEASES)) await run(suite, repository)
  } finally {
    fs.rmSync(repository, { recursive: true, force: true })
  }
}

main().catch((error) => {
  console.error(error)
  process.exit(1)
})
