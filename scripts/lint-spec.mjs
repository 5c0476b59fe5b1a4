/** `npm run -s lint:spec -- [--json] [--bundle DIR] FILE`: what is wrong with a config.json; ends with 1 if runc would refuse it. */
import { importBundled } from './lib/bundled.mjs'
import { main } from './lib/refusal.mjs'

await main(async () => (await importBundled('scripts/spec/lint.ts')).lintCommand(process.argv.slice(2)))
