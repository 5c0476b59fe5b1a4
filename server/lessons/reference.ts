/** The tables of docs/writing-lessons.md, made from the schemas and the list of problems, so that they cannot be wrong. */
import { z } from 'zod'
import { LessonExtras, StepExtras } from './lab-schema.ts'
import { PROBLEMS } from './problems.ts'
import { unwrap } from './read/validate.ts'
import { Scenario } from './schema.ts'

interface Row {
  key: string
  text: string
}

/** The keys of an object schema, those of its objects and lists of objects behind them. */
function rowsOf(schema: z.core.$ZodType, prefix = ''): Row[] {
  const inner = unwrap(schema)
  if (inner instanceof z.ZodArray)
    return rowsOf(inner.element, prefix === '' ? '' : `${prefix.slice(0, -1)}[].`)
  if (!(inner instanceof z.ZodObject)) return []
  return Object.entries(inner.shape as Record<string, z.ZodType>).flatMap(([key, value]) => [
    { key: `${prefix}${key}`, text: describe(value) },
    ...rowsOf(value, `${prefix}${key}.`),
  ])
}

const describe = (schema: z.ZodType) => schema.description ?? ''

function table(head: [string, string], rows: [string, string][]): string {
  const cells = (row: string[]) => `| ${row.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  return [cells(head), '| --- | --- |', ...rows.map(cells)].join('\n')
}

/** Keys of which Katacoda had many and this lab makes nothing: one line says it all. */
const READ_ONLY = /read only/i

const keys = (...schemas: z.core.$ZodType[]) =>
  table(
    ['Key', 'Meaning'],
    schemas
      .flatMap((schema) => rowsOf(schema))
      .filter(({ text }) => text !== '' && !READ_ONLY.test(text))
      .map(({ key, text }) => [`\`${key}\``, text]),
  )

const ignored = () =>
  rowsOf(Scenario)
    .filter(({ text }) => READ_ONLY.test(text))
    .map(({ key }) => `\`${key}\``)
    .join(', ')

const LEVELS = { fatal: 'not playable', lost: 'in part', note: 'note' }

const problems = () =>
  table(
    ['Code', 'Verdict, and what to do'],
    Object.entries(PROBLEMS).map(([code, { level, fix }]) => [`\`${code}\``, `${LEVELS[level]}. ${fix}`]),
  )

/** By the name that stands in the document's marks. */
export const REFERENCE: Record<string, () => string> = {
  'index.json': () => `${keys(Scenario)}\n\nRead and without effect: ${ignored()}.`,
  'lesson lab.yaml': () => keys(LessonExtras),
  'step lab.yaml': () => keys(StepExtras),
  problems,
}

/** The document with every table as the schemas have it. Throws for a mark that is none. */
export function withTables(document: string): string {
  return document.replace(
    /<!-- table: (.+?) -->\n[\s\S]*?<!-- end -->/g,
    (_, name: string) => `<!-- table: ${name} -->\n\n${tableOf(name)}\n\n<!-- end -->`,
  )
}

function tableOf(name: string): string {
  const make = REFERENCE[name]
  if (!make) throw new Error(`There is no table "${name}".`)
  return make()
}
