/** Promises that the whole repository keeps: who imports whom, what stands where, and what stands nowhere. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { ERROR_CODES, ERROR_WORDS } from '../server/protocol/index.ts'
import { ROOT } from './helpers/lab.ts'

const NOT_OURS = ['node_modules', '.next', '.git', 'build', 'test-results']
const walk = (dir: string): string[] =>
  fs.readdirSync(path.join(ROOT, dir), { withFileTypes: true }).flatMap((entry) => {
    if (NOT_OURS.includes(entry.name)) return []
    const file = path.join(dir, entry.name)
    return entry.isDirectory() ? walk(file) : [file]
  })

const files = walk('')
const read = (file: string) => fs.readFileSync(path.join(ROOT, file), 'utf8')
const below = (...folders: string[]) =>
  files.filter((file) => folders.some((folder) => file.startsWith(`${folder}/`)))
const code = files.filter((file) => /\.(ts|tsx|mjs|js)$/.test(file) && file !== 'next-env.d.ts')
const codeBelow = (...folders: string[]) => below(...folders).filter((file) => code.includes(file))

/** What a file imports: our own files by their path from the top of the repository, packages by name. */
function imports(file: string, text = read(file)): string[] {
  const found = text.matchAll(/(?:\bfrom|\bimport)\s*\(?\s*['"]([^'"\s]+)['"]/g)
  return [...found].map(([, name = '']) => {
    if (name.startsWith('.')) return path.join(path.dirname(file), name)
    return name
      .split('/')
      .slice(0, name.startsWith('@') ? 2 : 1)
      .join('/')
  })
}

/** What is left of a file when types are gone. */
const withoutTypes = (file: string) => read(file).replace(/^(import|export) type [^;]*? from ['"].*$/gms, '')

/** `file: import` for each import of these files that `allowed` does not allow. */
const offences = (from: string[], allowed: (name: string) => boolean) =>
  from.flatMap((file) =>
    imports(file)
      .filter((name) => !allowed(name))
      .map((name) => `${file}: ${name}`),
  )

const inServer = (name: string) => name.startsWith('server/')
const inProtocol = (name: string) => name.startsWith('server/protocol/')
const isFile = (name: string) => files.includes(name)

describe('imports', () => {
  test('are read by this test', () => {
    assert.ok(imports('components/session/lab-client.ts').includes('server/protocol/index.ts'))
    assert.ok(imports('server/host/terminals/pty.ts').includes('node-pty'))
    assert.ok(imports('tests/repo.test.ts').includes('tests/helpers/lab.ts'))
  })

  test('of our own files lead to files, with their endings', () => {
    const own = (name: string) => code.some((file) => name.startsWith(`${file.split('/')[0]}/`))
    assert.deepEqual(
      offences(code, (name) => !own(name) || isFile(name)),
      [],
    )
  })

  test('of components and of everything that browsers get: of the server only the protocol', () => {
    assert.deepEqual(
      offences(codeBelow('components'), (name) => !inServer(name) || inProtocol(name)),
      [],
    )
    const forBrowsers = new Set(code.filter((file) => /^['"]use client['"]/.test(read(file))))
    assert.ok(forBrowsers.size > 10)
    for (const file of forBrowsers)
      for (const name of imports(file)) if (code.includes(name)) forBrowsers.add(name)
    assert.deepEqual(
      [...forBrowsers].filter((file) => inServer(file) && !inProtocol(file)),
      [],
    )
  })

  test('of what browsers get: no schema, which would be a quarter of the page', () => {
    const reached = new Set(code.filter((file) => /^['"]use client['"]/.test(read(file))))
    for (const file of reached)
      for (const name of imports(file, withoutTypes(file))) if (code.includes(name)) reached.add(name)
    const carrying = [...reached].filter((file) => imports(file, withoutTypes(file)).includes('zod'))
    assert.deepEqual(carrying, [])
  })

  test('of pages: of the server only the protocol and the lessons', () => {
    const allowed = (name: string) =>
      !inServer(name) || inProtocol(name) || name.startsWith('server/lessons/')
    assert.deepEqual(offences(codeBelow('app'), allowed), [])
  })

  test('of the servers: nothing of pages and components', () => {
    assert.deepEqual(
      offences(codeBelow('server', 'spec'), (name) => !/^(app|components)\//.test(name)),
      [],
    )
  })

  test('of the protocol: zod and itself', () => {
    assert.deepEqual(
      offences(codeBelow('server/protocol'), (name) => name === 'zod' || inProtocol(name)),
      [],
    )
  })

  test('of what is known about config.json: a JSON reader, zod and itself; no DOM, no Node', () => {
    assert.ok(codeBelow('spec').length > 10)
    assert.deepEqual(
      offences(
        codeBelow('spec'),
        (name) => ['jsonc-parser', 'zod'].includes(name) || name.startsWith('spec/'),
      ),
      [],
    )
  })

  test('of the host process: no page framework, no lessons and nothing of the web process', () => {
    const banned = ['next', 'react', 'react-dom', 'unified', 'shiki']
    const allowed = (name: string) =>
      !banned.includes(name) && !/^(server\/(web|lessons)|components|app)\//.test(name)
    assert.deepEqual(offences(codeBelow('server/host'), allowed), [])
  })

  test('of the web process: nothing of the host process', () => {
    assert.deepEqual(
      offences(codeBelow('server/web', 'server/lessons'), (name) => !name.startsWith('server/host/')),
      [],
    )
  })

  test('of node-pty: by the terminals of the host process alone, and by what they are measured against', () => {
    const importers = code.filter((file) => imports(file).includes('node-pty'))
    assert.deepEqual(importers, ['server/host/terminals/pty.ts', 'tests/bench/terminal/raw.ts'])
  })
})

describe('files', () => {
  test('of code open with a sentence that says what they are', () => {
    const silent = codeBelow('server', 'components', 'scripts', 'sandbox', 'spec', 'app', 'tests').filter(
      (file) => !/^(#!.*\n)?(['"]use client['"];?\n)?\/\*\*\s+(\* )?[^*@\s]/.test(read(file)),
    )
    assert.deepEqual(silent, [])
  })

  test('of the server and of scripts that name a runtime’s binary belong to its provider or to the image', () => {
    const naming = codeBelow('server', 'components', 'app', 'scripts', 'sandbox').filter((file) =>
      /\b(s?bin|runtime)\/runc\b/.test(read(file)),
    )
    assert.ok(naming.length > 0)
    assert.deepEqual(
      naming.filter((file) => !/^(server\/host\/providers\/runc|sandbox)\//.test(file)),
      [],
    )
  })

  test('of lessons are text and shell scripts, no code of ours', () => {
    assert.ok(below('lessons').length > 0)
    assert.deepEqual(
      below('lessons').filter((file) => /\.(ts|tsx|js|mjs)$/.test(file)),
      [],
    )
  })

  test('name no package registry and no mirror', () => {
    const address = /https?:\/\/[^\s'"`)]*(registry|mirror|npmjs|yarnpkg|artifactory|nexus)[^\s'"`)]*/gi
    const naming = files
      .filter((file) => !/\.(png|ico|woff2?|tsbuildinfo)$/.test(file) && file !== '.env')
      .flatMap((file) => (read(file).match(address) ?? []).map((found) => `${file}: ${found}`))
      .filter((line) => !/\.example(\.|\/|$)/.test(line))
    assert.deepEqual(naming, [])
    assert.ok(!read('package-lock.json').includes('"resolved"'))
  })
})

test('every error code has words for people, with something to do', () => {
  assert.deepEqual(Object.keys(ERROR_WORDS).sort(), [...ERROR_CODES].sort())
  for (const { message, hint } of Object.values(ERROR_WORDS))
    for (const text of [message, hint]) assert.match(text, /^[A-Z].*\.$/)
})

describe('dependencies', () => {
  const { dependencies, devDependencies } = JSON.parse(read('package.json'))
  const names = Object.keys({ ...dependencies, ...devDependencies })
  /** Used by other means than an import, by the file that names them and the word it uses. */
  const WITHOUT_IMPORT: Record<string, [file: string, word: string]> = {
    '@biomejs/biome': ['scripts/check.mjs', 'biome'],
    '@tailwindcss/postcss': ['postcss.config.mjs', '@tailwindcss/postcss'],
    tsx: ['scripts/test/run-file.mjs', 'tsx'],
    typescript: ['scripts/check.mjs', 'tsc'],
  }
  const imported = new Set(
    [...code, ...files.filter((file) => file.endsWith('.css'))].flatMap((file) => imports(file)),
  )

  test('are all in use', () => {
    const used = (name: string) => {
      const [file, word] = WITHOUT_IMPORT[name] ?? []
      if (file && word) return new RegExp(`['"/]${word}['"]`).test(read(file))
      // Types are in use where their package is; those of Node always.
      const typed = /^@types\/(.*)$/.exec(name)?.[1]
      return imported.has(typed ?? name) || typed === 'node'
    }
    assert.deepEqual(
      names.filter((name) => !used(name)),
      [],
    )
    for (const name of Object.keys(WITHOUT_IMPORT))
      assert.ok(names.includes(name), `${name} is no dependency any more`)
  })

  test('are all declared', () => {
    const nodes = (name: string) => name.startsWith('node:')
    const packages = code
      .flatMap((file) => imports(file).map((name) => [file, name] as const))
      .filter(([, name]) => !isFile(name) && !nodes(name) && /^[@a-z]/.test(name) && !name.includes('$'))
    const undeclared = packages.filter(
      ([, name]) =>
        !names.includes(name) &&
        !names.includes(`@types/${name}`) &&
        !files.some((file) => file.startsWith(`${name.split('/')[0]}/`)),
    )
    assert.deepEqual(undeclared, [])
  })

  test('have their reason in docs/dependencies.md, and nothing else has', () => {
    const listed = [...read('docs/dependencies.md').matchAll(/^- \*\*(.+?)\*\*:? *\S/gm)].map(
      ([, name]) => name,
    )
    assert.deepEqual(listed.sort(), names.sort())
  })
})
