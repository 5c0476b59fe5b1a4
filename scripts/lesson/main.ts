/** The command `lesson`: finds out which of its commands is meant, and says how each is used. */
import { readFileSync, writeFileSync } from 'node:fs'
import { parseArgs } from 'node:util'
import { Library } from '../../server/lessons/library.ts'
import { withTables } from '../../server/lessons/reference.ts'
import { checkCommand } from './check.ts'
import { newCommand } from './new.ts'
import { reportCommand } from './report.ts'
import { solveCommand } from './solve.ts'

export interface Options {
  json: boolean
  only?: string[]
}

interface Command {
  run: (folders: string[], options: Options) => number | Promise<number>
  what: string
}

const COMMANDS: Record<string, Command> = {
  new: { run: ([folder]) => newCommand(folder!), what: 'makes a lesson of one step, to begin with' },
  check: { run: checkCommand, what: 'names every mistake, with file, line and what to do' },
  solve: {
    run: solveCommand,
    what: 'proves in a real sandbox that each step can be done, by its text and by its solution',
  },
  outputs: {
    run: (folders, options) => solveCommand(folders, { ...options, update: true }),
    what: 'walks through the lesson and writes what was printed into the texts that show it',
  },
  report: {
    run: reportCommand,
    what: 'says what of any scenario, or folder of scenarios, works in this lab',
  },
}

/** The addresses of the lessons in a folder, as a lab has them that mounts it beside its own. */
export function addressesIn(folder: string, own: string): string[] {
  const roots = `${folder}/`.startsWith(`${own}/`) ? [own] : [own, folder]
  return new Library(roots).addressesBelow(folder)
}

/** For those who change the schemas: writes the tables of the documentation. Not for authors. */
function referenceCommand([file]: string[]): number {
  writeFileSync(file!, withTables(readFileSync(file!, 'utf8')))
  return 0
}

const USAGE = `Usage: npm run -s lesson -- COMMAND PATH [--json] [--step NAME]

${Object.entries(COMMANDS)
  .map(([name, { what }]) => `  ${name.padEnd(8)} ${what}`)
  .join('\n')}
  preview  serves the lesson, and shows it anew whenever a file is saved

PATH is a lesson's folder, or one with lessons in it at any depth. --step (of solve and outputs) can be given
several times.
`

/** Returns the exit code: 0, 1 if something is wrong with a lesson, 2 if the command was not understood. */
export async function lessonCommand(argv: string[]): Promise<number> {
  let parsed: { values: { json?: boolean; help?: boolean; step?: string[] }; positionals: string[] }
  try {
    parsed = parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
        step: { type: 'string', multiple: true },
      },
    })
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n\n${USAGE}`)
    return 2
  }
  const { values, positionals } = parsed
  if (values.help) {
    process.stdout.write(USAGE)
    return 0
  }
  const [name = '', ...folders] = positionals
  if (name === 'reference' && folders.length === 1) return referenceCommand(folders)
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined
  if (!command || folders.length === 0) {
    const what = name === '' ? '' : command ? 'A PATH is missing.\n\n' : `There is no command "${name}".\n\n`
    process.stderr.write(what + USAGE)
    return 2
  }
  return command.run(folders, { json: Boolean(values.json), only: values.step })
}
