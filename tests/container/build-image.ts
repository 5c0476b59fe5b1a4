/**
 * node --import tsx tests/container/build-image.ts FILE [ENGINE]: builds the container image with an engine of its own and
 * saves it, as `docker save` does. ENGINE is the folder in which layers are kept for the next time.
 */
import fs from 'node:fs'
import { ROOT } from '../helpers/lab.ts'
import { Engine, engineProblem } from './engine.ts'

export const IMAGE = 'runc-lab'

async function main(file: string, kept?: string): Promise<void> {
  const problem = engineProblem()
  if (problem) throw new Error(`no Docker engine can run here: ${problem}`)
  const engine = new Engine(kept)
  try {
    await engine.start({ online: true })
    engine.makeBase('debian:forky-slim')
    engine.docker(['build', '--network=host', '--tag', IMAGE, ROOT])
    engine.docker(['save', '--output', `${file}.new`, IMAGE])
    fs.chmodSync(`${file}.new`, 0o644)
    fs.renameSync(`${file}.new`, file)
  } finally {
    await engine.remove({ keep: kept !== undefined })
  }
}

const [file, kept] = process.argv.slice(2)
if (process.argv[1]?.endsWith('build-image.ts')) {
  if (!file) throw new Error('which file?')
  main(file, kept).catch((error: Error) => {
    console.error(error.message)
    process.exit(1)
  })
}
