/** The files that list the settings say what server/config.ts says. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { Environment } from '../server/config.ts'
import { configurationPage, envExample } from '../server/config-report.ts'
import { ROOT } from './helpers/lab.ts'

for (const [file, text] of [
  ['.env.example', envExample()],
  ['docs/configuration.md', configurationPage()],
] as const)
  test(`${file} is what npm run -s config -- --write makes`, () => {
    assert.equal(fs.readFileSync(path.join(ROOT, file), 'utf8'), text)
  })

test('every setting is described in a sentence', () => {
  for (const [name, schema] of Object.entries(Environment.shape))
    assert.match(schema.description ?? '', /^[A-Z].*\.$/, name)
})
