/** The suite is whole: each of the thirty-six attacks has a test, and each that did not run here has said so by name. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

test('attacks 1 to 36 each have a test', () => {
  const folder = path.dirname(fileURLToPath(import.meta.url))
  const numbers = fs
    .readdirSync(folder)
    .filter((name) => name.endsWith('.test.ts'))
    .flatMap((name) => [
      ...fs.readFileSync(path.join(folder, name), 'utf8').matchAll(/\b(?:test|describe)\(\s*[`'"](\d+)\. /g),
    ])
    .map(([, number]) => Number(number))
  const missing = Array.from({ length: 36 }, (_, i) => i + 1).filter((number) => !numbers.includes(number))
  assert.deepEqual(missing, [])
})
