/** How fast the compatibility report is: a thousand scenarios with all the field's sloppiness, told by the built command. */
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { ROOT } from '../helpers/lab.ts'
import { writeCorpus } from '../lessons/corpus.ts'
import { reportOne, timed } from './measure.ts'

const SCENARIOS = 1000

export async function benchLessons(): Promise<void> {
  const root = mkdtempSync(path.join(tmpdir(), 'corpus-'))
  try {
    writeCorpus(root, SCENARIOS)
    let told = 0
    const ms = await timed(async () => {
      told = JSON.parse(await report(root)).scenarios.length
    })
    if (told !== SCENARIOS) throw new Error(`The report tells of ${told} scenarios instead of ${SCENARIOS}.`)
    reportOne('lessons.report_1000', 's', ms / 1000, { atMost: 60 })
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** What `lesson report --json` prints, as an author calls it. */
function report(folder: string): Promise<string> {
  const program = spawn(
    process.execPath,
    [path.join(ROOT, 'scripts/lesson.mjs'), 'report', '--json', folder],
    {
      stdio: ['ignore', 'pipe', 'inherit'],
    },
  )
  const chunks: Buffer[] = []
  program.stdout.on('data', (chunk: Buffer) => chunks.push(chunk))
  return new Promise((resolve, reject) => {
    program.on('error', reject)
    program.on('close', () => resolve(Buffer.concat(chunks).toString()))
  })
}
