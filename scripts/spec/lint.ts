/** The command lint:spec: reads a config.json and what lies beside it, and prints the linter's findings. */
import fs from 'node:fs'
import path from 'node:path'
import { parseArgs } from 'node:util'
import { type Diagnostic, lint } from '../../spec/lint/index.ts'
import { readBundle } from './bundle.ts'

const USAGE = 'Usage: npm run -s lint:spec -- [--json] [--bundle DIR] FILE'

/** Returns the exit code: 0, 1 if runc would refuse the file, 2 if it could not be read. */
export function lintCommand(argv: string[]): number {
  let options: { json?: boolean; bundle?: string; help?: boolean }
  let files: string[]
  try {
    const parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: { json: { type: 'boolean' }, bundle: { type: 'string' }, help: { type: 'boolean' } },
    })
    options = parsed.values
    files = parsed.positionals
  } catch (error) {
    return complain(`${(error as Error).message}\n${USAGE}`)
  }
  if (options.help) {
    console.log(USAGE)
    return 0
  }
  const file = files[0] ?? (options.bundle && path.join(options.bundle, 'config.json'))
  if (!file || files.length > 1) return complain(USAGE)
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (error) {
    return complain(`${file} cannot be read: ${(error as Error).message}`)
  }
  let bundle = null
  try {
    bundle = readBundle(text, options.bundle ?? path.dirname(file), { asked: options.bundle !== undefined })
  } catch (error) {
    return complain((error as Error).message)
  }
  const found = lint(text, { bundle })
  console.log(options.json ? JSON.stringify(found.map(asJson), null, 2) : asText(file, found))
  return found.some(({ severity }) => severity === 'refused') ? 1 : 0
}

function complain(message: string): number {
  console.error(message)
  return 2
}

const asJson = (found: Diagnostic) => {
  const { id, severity, pointer, line, column, message, runc, why, fix, from, to } = found
  return { id, severity, pointer, line, column, message, runc, fix, why, from, to }
}

const WORDS = {
  refused: 'runc refuses it',
  'no-effect': 'without effect',
  'fails-later': 'fails later',
  style: 'style',
}

function asText(file: string, found: Diagnostic[]): string {
  if (found.length === 0) return `${file}: nothing to complain about.`
  return found
    .map(({ line, column, severity, id, message, runc, why, fix }) =>
      [
        `${file}:${line}:${column}: ${WORDS[severity]}: ${message} [${id}]`,
        `    ${why}`,
        ...(runc ? runc.split('\n').map((said) => `    runc: ${said}`) : []),
        ...(fix ? [`    fix: ${fix.title}`] : []),
      ].join('\n'),
    )
    .join('\n')
}
