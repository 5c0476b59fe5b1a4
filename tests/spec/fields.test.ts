/** Every property that applies to Linux is described, and nothing that is none. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { parseTree } from 'jsonc-parser'
import { describedFields, describe as describeField, pattern } from '../../spec/fields/index.ts'
import { ROOT } from '../helpers/lab.ts'

interface Schema {
  $ref?: string
  properties?: Record<string, Schema>
  items?: Schema | Schema[]
  patternProperties?: Record<string, Schema>
  additionalProperties?: Schema | boolean
  allOf?: Schema[]
  anyOf?: Schema[]
  oneOf?: Schema[]
}

const files = new Map<string, Record<string, unknown>>()
function load(file: string): Record<string, unknown> {
  if (!files.has(file))
    files.set(file, JSON.parse(fs.readFileSync(path.join(ROOT, 'spec/schema', file), 'utf8')))
  return files.get(file)!
}

/** Other systems' parts of the specification. */
const ELSEWHERE = ['/solaris', '/windows', '/vm', '/zos', '/process/commandLine', '/process/user/username']

/** Every property below a schema, with `*` for entries and free keys. */
function properties(schema: Schema, file: string, at = '', depth = 0): string[] {
  if (depth > 40) return []
  const into = (inner: Schema, where: string) => properties(inner, file, where, depth + 1)
  const found: string[] = []
  if (schema.$ref) {
    const [other = '', pointer = ''] = schema.$ref.split('#')
    const target = pointer
      .split('/')
      .filter(Boolean)
      .reduce<unknown>((node, key) => (node as Record<string, unknown>)[key], load(other || file))
    found.push(...properties(target as Schema, other || file, at, depth + 1))
  }
  for (const inner of [...(schema.allOf ?? []), ...(schema.anyOf ?? []), ...(schema.oneOf ?? [])])
    found.push(...into(inner, at))
  for (const [key, inner] of Object.entries(schema.properties ?? {}))
    if (!ELSEWHERE.includes(`${at}/${key}`)) found.push(`${at}/${key}`, ...into(inner, `${at}/${key}`))
  for (const inner of [schema.items ?? []].flat()) found.push(`${at}/*`, ...into(inner, `${at}/*`))
  for (const inner of Object.values(schema.patternProperties ?? {}))
    found.push(`${at}/*`, ...into(inner, `${at}/*`))
  const { additionalProperties: free } = schema
  if (typeof free === 'object') found.push(`${at}/*`, ...into(free, `${at}/*`))
  return found
}

const all = [...new Set(properties(load('config-schema.json') as Schema, 'config-schema.json'))]

test('no property of the schema that applies to Linux is without a description', () => {
  assert.ok(all.length > 250, `the schema has only ${all.length} properties?`)
  assert.deepEqual(
    all.filter((pointer) => !describeField(pointer)),
    [],
  )
})

test('nothing is described that the schema does not have', () => {
  const known = new Set(['', ...all.map((pointer) => pattern(pointer))])
  assert.deepEqual(
    describedFields().filter((pointer) => !known.has(pointer)),
    [],
  )
})

test('each description is whole: sentences, and an example that is JSON of its own key', () => {
  for (const pointer of describedFields()) {
    const field = describeField(pointer)!
    for (const text of [field.what, field.runc]) assert.match(text, /^\S.*[.]$/s, pointer)
    assert.ok(field.title && !field.title.endsWith('.'), pointer)
    if (pointer === '') continue
    const errors: never[] = []
    const tree = parseTree(`{${field.example}}`, errors)
    assert.deepEqual(errors, [], `${pointer}: ${field.example}`)
    const key = tree?.children?.[0]?.children?.[0]?.value
    const own = pointer.split('/').at(-1)
    assert.ok(own === '*' || own === key, `${pointer}: the example is of "${key}"`)
  }
})

test('indexes and free keys lead to the same description', () => {
  assert.equal(describeField('/mounts/3/options/0'), describeField('/mounts/0/options'))
  assert.equal(describeField('/linux/timeOffsets/boottime/secs')?.unit, 'seconds')
  assert.equal(describeField('/process/args/0')?.title, 'Program and arguments')
  assert.equal(describeField('/nope'), null)
})
