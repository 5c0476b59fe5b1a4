/** `npm run -s explain -- [--json] 'message'`, or from standard input: what a message of runc means. */
import { importBundled } from './lib/bundled.mjs'
import { main } from './lib/refusal.mjs'

await main(async () => (await importBundled('scripts/spec/explain.ts')).explainCommand(process.argv.slice(2)))
