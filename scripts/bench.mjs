/** `npm run bench`: sets everything up, then measures. What is given after `--` goes to tests/bench/main.ts. */
import { runOpenly } from './lib/command.mjs'
import { inRoot } from './lib/paths.mjs'
import { main } from './lib/refusal.mjs'
import { setUp } from './setup/index.mjs'

await main(async () => {
  const { env } = await setUp({ site: false, port: false, quiet: true })
  const args = ['--import', 'tsx', inRoot('tests', 'bench', 'main.ts'), ...process.argv.slice(2)]
  return runOpenly(process.execPath, args, { env })
})
