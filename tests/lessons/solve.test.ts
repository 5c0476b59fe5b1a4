/** `lesson solve` on a small lesson in real sandboxes: green as it is, and red when a check, a command, an edit, a solution or an output is broken. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { before, describe, test } from 'node:test'
import { ROOT } from '../helpers/lab.ts'
import { type Files, scenario, write } from './helpers.ts'

const FENCE = '```'
const TEXT = `Make it:

${FENCE}bash
mkdir -p /tmp/it && cd /tmp/it
echo '{"terminal": true, "name": "a"}' > c.json
${FENCE}{{exec}}

${FENCE}bash
cat c.json; cat nothing
${FENCE}{{exec fails}}

${FENCE}text output
{"terminal": true, "name": "a"}
cat: nothing: No such file or directory
${FENCE}

${FENCE}diff edit=off
-"terminal": true
+"terminal": false
${FENCE}

\`cat\`{{exec T2}}, then \`typed in\`{{exec T2 inside}} and \`^D\`{{exec T2 ctrl-seq}}
`

const FILES: Record<string, string | object> = {
  'index.json': scenario(
    { title: 'A', text: 'a/text.md', verify: 'a/verify.sh' },
    { title: 'B', text: 'b/text.md' },
  ),
  'lab.yaml': 'file: /tmp/it/c.json\n',
  'a/text.md': TEXT,
  'a/verify.sh': '[ -d /tmp/it ] || { echo There is no folder.; exit 1; }\n',
  'a/lab.yaml': `edits:
  - id: "off"
    title: No terminal
    patch: [{op: replace, path: /terminal, value: false}]
checks:
  - spec: {pointer: /terminal, equals: false}
    else: The terminal is still on.
`,
  'a/prepare.sh': `mkdir -p /tmp/it && echo '{"terminal": true, "name": "a"}' > /tmp/it/c.json\n`,
  'a/solve.sh': 'true\n',
  'b/text.md': '`touch /tmp/b`{{exec}}',
  'b/solve.sh': 'touch /tmp/b\n',
  'b/lab.yaml': `checks:
  - kernel: {id: nobody, proc: status, field: Name, equals: x}
    when: v9
    else: never
`,
}
FILES['b/lab.yaml'] = ''
FILES['index.json'] = scenario(
  { title: 'A', text: 'a/text.md', verify: 'a/verify.sh' },
  { title: 'B', text: 'b/text.md', verify: 'b/verify.sh' },
)
FILES['b/verify.sh'] = 'if [ -e /tmp/b ]; then echo done; else echo no; fi\n'

interface Result {
  code: number | null
  steps: {
    how: string
    step: string
    ok: boolean
    troubles: { file: string; line: number; message: string }[]
  }[]
}

/** The built program itself, as the command starts it once everything is set up. */
function run(...argv: string[]): Promise<{ code: number | null; out: string; err: string }> {
  const script = `import(${JSON.stringify(path.join(ROOT, 'build', 'lesson.js'))}).then(async ({ lessonCommand }) => process.exit(await lessonCommand(${JSON.stringify(argv)})))`
  return new Promise((resolve) => {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script], {
      cwd: ROOT,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let out = ''
    let err = ''
    child.stdout.on('data', (chunk) => {
      out += chunk
    })
    child.stderr.on('data', (chunk) => {
      err += chunk
    })
    child.on('close', (code) => resolve({ code, out, err }))
  })
}

async function lesson(command: string, folder: string): Promise<Result> {
  const [result] = await lessons(command, folder)
  return result!
}

/** What was found out about each lesson of a folder, in the order of their names. */
async function lessons(command: string, folder: string): Promise<(Result & { ok: boolean })[]> {
  const { code, out, err } = await run(command, folder, '--json')
  try {
    const found: (Result & { path: string; ok: boolean })[] = JSON.parse(out).lessons
    return found.sort((a, b) => a.path.localeCompare(b.path)).map((each) => ({ ...each, code }))
  } catch {
    throw new Error(`${code}: ${out}${err}`)
  }
}

/** The lesson with something in one of its files replaced. */
function broken(file: string, from: string, to: string, folder?: string): string {
  const text = FILES[file] as string
  assert.ok(text.includes(from), `${file} has ${from}`)
  return write({ ...FILES, [file]: text.replace(from, to) } as Files, folder)
}

const words = ({ steps }: Pick<Result, 'steps'>) =>
  steps
    .flatMap(({ how, troubles }) =>
      troubles.map(({ file, line, message }) => `${how} ${file}:${line} ${message}`),
    )
    .join('\n')

describe('lesson solve', { timeout: 240_000, concurrency: 3 }, () => {
  test('is green for a lesson that works: by its text and by its solution', async () => {
    const result = await lesson('solve', write(FILES as Files))
    assert.equal(words(result), '')
    assert.equal(result.code, 0)
    assert.deepEqual(result.steps.map(({ how, step }) => `${how} ${step}`).sort(), [
      'solution a',
      'solution b',
      'walk a',
      'walk b',
    ])
  })

  const breakages: [string, string, string, string, RegExp][] = [
    [
      'a check that always passes',
      'b/verify.sh',
      'if [ -e /tmp/b ]',
      'if true',
      /b\/verify\.sh:1 the check passes before anything was done/,
    ],
    [
      'a check that never passes',
      'a/lab.yaml',
      'equals: false',
      'equals: maybe',
      /walk a\/verify\.sh:1 the check does not pass after every command.*The terminal is still on/,
    ],
    [
      'a command',
      'a/text.md',
      'mkdir -p /tmp/it',
      'mkdri -p /tmp/it',
      /walk a\/text\.md:3 "mkdri.*ended with 127: .*command not found/,
    ],
    [
      'a command that should fail',
      'a/text.md',
      'cat nothing',
      'cat c.json',
      /walk a\/text\.md:8 "cat c\.json; cat c\.json" should fail and did not/,
    ],
    [
      'an edit',
      'a/lab.yaml',
      'path: /terminal',
      'path: /terminl',
      /walk a\/text\.md:\d+ the edit "off" cannot be made[\s\S]*solution a\//,
    ],
    [
      'an edit that does nothing of use',
      'a/lab.yaml',
      'value: false',
      'value: true',
      /walk .*The terminal is still on[\s\S]*solution .*after its solution/,
    ],
    [
      'a solution',
      'b/solve.sh',
      'touch /tmp/b',
      'touch /tmp/c',
      /solution b\/verify\.sh:1 the check does not pass after its solution/,
    ],
    [
      'an output',
      'a/text.md',
      'cat: nothing: No such',
      'cat: nothing: No',
      /walk a\/text\.md:12 the output shown has drifted/,
    ],
  ]
  describe('is red for what is broken, and goes on with the next lesson', () => {
    let results: Awaited<ReturnType<typeof lessons>>
    before(async () => {
      // One run for all: what takes its time is the way to the first sandbox.
      const root = write({})
      for (const [index, [, file, from, to]] of breakages.entries())
        broken(file, from, to, path.join(root, `lesson-${index}`))
      results = await lessons('solve', root)
      assert.equal(results.length, breakages.length)
    })
    for (const [index, [name, , , , message]] of breakages.entries()) {
      test(name, () => {
        assert.match(words(results[index]!), message)
        assert.equal(results[index]!.ok, false)
        assert.equal(results[index]!.code, 1)
      })
    }
  })

  test('is green for what `lesson new` makes', async () => {
    const folder = path.join(write({}), 'my-lesson')
    assert.equal((await run('new', folder)).code, 0)
    const result = await lesson('solve', folder)
    assert.equal(words(result), '')
    assert.equal(result.code, 0)
    assert.ok(result.steps.length > 0)
  })

  test('outputs writes what was printed', async () => {
    const folder = broken(
      'a/text.md',
      'cat: nothing: No such file or directory\n',
      'something old\nand more\n',
    )
    assert.equal((await lesson('outputs', folder)).code, 0)
    assert.equal(readFileSync(path.join(folder, 'a/text.md'), 'utf8'), TEXT)
  })
})
