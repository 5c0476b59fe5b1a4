/** The command explain: reads a message of runc and prints what it means. */
import fs from 'node:fs'
import { parseArgs } from 'node:util'
import { explain } from '../../spec/explain/index.ts'

const USAGE = "Usage: npm run -s explain -- [--json] 'message'     (or the message on standard input)"

/** Returns the exit code: 0, also if the message is unknown; 2 if there is none. */
export function explainCommand(argv: string[]): number {
  // A message may begin with a dash; only these are options.
  const options: string[] = argv.filter((arg) => arg === '--json' || arg === '--help')
  const { values } = parseArgs({
    args: options,
    options: { json: { type: 'boolean' }, help: { type: 'boolean' } },
  })
  const words = argv.filter((arg) => !options.includes(arg))
  if (values.help) {
    console.log(USAGE)
    return 0
  }
  if (words.length === 0 && process.stdin.isTTY) {
    console.error(USAGE)
    return 2
  }
  const message = words.length > 0 ? words.join(' ') : fs.readFileSync(0, 'utf8')
  const found = explain(message)
  if (values.json) console.log(JSON.stringify(found, null, 2))
  else if (!found)
    console.log('null\nThis message is not known. It is best read from its end: the last part is the reason.')
  else
    console.log(
      [
        found.title,
        '',
        found.explanation,
        '',
        found.fix,
        ...(found.pointer ? ['', `Field: ${found.pointer}`] : []),
      ].join('\n'),
    )
  return 0
}
