/** The files that list the settings say what server/config.ts says. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { parse } from 'yaml'
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

test('compose.yaml passes every setting on, but those that are the container’s own business', () => {
  const { services } = parse(fs.readFileSync(path.join(ROOT, 'compose.yaml'), 'utf8'))
  const { build, environment } = services.lab as { build: { args: object }; environment: string[] }
  const own = ['PORT', 'HOST', 'LAB_NAME', 'LAB_STATE_DIR', 'LAB_RUN_DIR', 'LAB_IMAGE_DIR', 'LAB_ON_STOP']
  assert.deepEqual(
    [...own, ...environment, ...Object.keys(build.args)]
      .filter((name, i, all) => all.indexOf(name) === i)
      .sort(),
    Object.keys(Environment.shape).sort(),
  )
})
