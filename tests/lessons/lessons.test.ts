/** Lessons as pages: Killercoda's extensions of Markdown, and every lesson of this repository. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { renderToStaticMarkup } from 'react-dom/server'
import { parseProgress, serialize, withPassed } from '../../components/lesson/progress-data.ts'
import { Library } from '../../server/lessons/library.ts'
import { liftFenceSuffixes, parseAction } from '../../server/lessons/markdown.ts'
import { renderMarkdown } from '../../server/lessons/render.tsx'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../lessons')
const library = new Library([root])
const html = (markdown: string) => renderToStaticMarkup(renderMarkdown(markdown))

/** What the buttons of a page say, in order. */
function buttons(markup: string, verb: 'Run' | 'Copy'): string[] {
  return [...markup.matchAll(/aria-label="([^"]*)"/g)]
    .map(([, label]) => label!.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&'))
    .filter((label) => label.startsWith(verb))
}

test('the words between braces', () => {
  assert.deepEqual(parseAction('exec'), { kind: 'run' })
  assert.deepEqual(parseAction('execute T2 interrupt'), { kind: 'run', terminal: 2, interrupt: true })
  assert.deepEqual(parseAction('exec interrupt T1 HOST1'), { kind: 'run', terminal: 1, interrupt: true })
  assert.deepEqual(parseAction('exec no-newline'), { kind: 'run', newline: false })
  assert.deepEqual(parseAction('copy'), { kind: 'copy' })
  assert.deepEqual(parseAction('exec T1 inside'), { kind: 'run', terminal: 1, inside: true })
  const press = { kind: 'run', newline: false, inside: true }
  assert.deepEqual(parseAction('execute ctrl-seq', '^C'), { ...press, send: '\x03' })
  assert.deepEqual(parseAction('exec T2 ctrl-seq', '^ESC'), { ...press, terminal: 2, send: '\x1b' })
  assert.deepEqual(parseAction('exec ctrl-seq', '^x ^[^?'), { ...press, send: '\x18\x1b\x7f' })
  assert.equal(parseAction('exec ctrl-seq', 'Ctrl+C'), null)
  for (const words of ['', 'open', 'execute ctrl-seq']) assert.equal(parseAction(words), null)
})

test('suffixes of closing fences move to the opening fence', () => {
  const lift = (...lines: string[]) => liftFenceSuffixes(lines.join('\n')).split('\n')
  assert.deepEqual(lift('```bash', 'ls', '```{{exec T2}}', 'on'), ['```bash {{exec T2}}', 'ls', '```', 'on'])
  assert.deepEqual(lift('```', 'ls', '``` {{copy}} '), ['```text {{copy}}', 'ls', '```'])
  assert.deepEqual(lift('1. a', '   ~~~sh', '   ls', '   ~~~{{exec}}')[1], '   ~~~sh {{exec}}')
  assert.deepEqual(lift('> ```sh', '> ls', '> ```{{exec}}'), ['> ```sh {{exec}}', '> ls', '> ```'])
  assert.deepEqual(lift('- ```sh', '  ls', '  ```{{exec}}')[0], '- ```sh {{exec}}')
  assert.equal(liftFenceSuffixes('```sh\r\nls\r\n```{{exec}}\r\n'), '```sh {{exec}}\nls\n```\n')
  // A longer fence holds shorter ones as text; inline code at the start of a line opens nothing.
  const documentation = ['````', '```sh', 'ls', '```{{exec}}', '````']
  assert.deepEqual(lift(...documentation), documentation)
  assert.deepEqual(lift('```ls```{{exec}}'), ['```ls```{{exec}}'])
})

test('commands become buttons, with their modifiers', () => {
  const page = html(
    'Run `ls -l`{{exec T2}}, ``echo `x` ``{{execute}} or `a`{{copy}}, not `b`{{open}} or `c`.',
  )
  assert.deepEqual(buttons(page, 'Run'), ['Run in terminal 2: ls -l', 'Run: echo `x` '])
  assert.deepEqual(buttons(page, 'Copy'), ['Copy: ls -l', 'Copy: echo `x` ', 'Copy: a'])
  assert.match(page, /<code>c<\/code>\./)
  const block = html('```bash\ncd /tmp\nls\n```{{exec T3}}\n\nafter')
  assert.deepEqual(buttons(block, 'Run'), ['Run in terminal 3: cd /tmp\nls'])
  assert.match(block, /<p>after<\/p>/)
})

test('prose: tables, asides, links; raw HTML is left out', () => {
  assert.match(html('| a |\n| - |\n| b |'), /<div class="table"><table>/)
  assert.match(html('> **Predict.** Why?'), /<blockquote data-kind="predict">/)
  assert.match(html('> **Common mistake.** No.'), /<blockquote data-kind="mistake">/)
  assert.match(html('[a](https://example.org)'), /target="_blank" rel="noreferrer"/)
  assert.doesNotMatch(html('<script>alert(1)</script>\n\n<b onclick="x">y</b>'), /<script|<b /)
  assert.match(
    html('```json\n"hostname": "a",\n```'),
    /token-keyword\)">"hostname"|token-keyword[^>]*>&quot;hostname/,
  )
})

for (const { slug, steps } of library.list()) {
  for (const step of steps) {
    test(`${slug}/${step.slug} renders, each command once, and its check is sound bash`, () => {
      const page = html(step.markdown)
      assert.doesNotMatch(
        page,
        /\{\{(exec|execute|copy)/,
        'a suffix was left over: is its fence the right length?',
      )
      const suffixes = step.markdown.match(/`\{\{exec[^}]*\}\}/g) ?? []
      assert.equal(buttons(page, 'Run').length, suffixes.length)
      assert.ok(step.verifyScript, 'every step of our own lessons has a check')
      const bash = spawnSync('bash', ['-n'], { input: step.verifyScript, encoding: 'utf8' })
      assert.equal(bash.status, 0, bash.stderr)
    })
  }
}

test('the opening course has its commands, in their terminals', () => {
  const step = (slug: string) => library.find('runc-by-hand').steps.find((each) => each.slug === slug)!
  const runs = (slug: string) => buttons(html(step(slug).markdown), 'Run')
  assert.ok(runs('meet-the-tools').every((label) => !label.includes('curl')))
  assert.ok(
    runs('the-bundle').includes(
      'Run: cd /tmp/mycontainer && docker export $(docker create busybox) | tar -C rootfs -xvf -',
    ),
  )
  assert.ok(runs('run-it').includes('Run in terminal 1: cd /tmp/mycontainer && runc run demo'))
  assert.ok(runs('run-it').includes('Run in terminal 2: runc exec demo ps'))
})

test('progress survives whatever is stored', () => {
  for (const text of [null, '', '{', '3', 'null', '[]', '{"version":0}', '{"version":1,"passed":[]}']) {
    assert.deepEqual(parseProgress(text), {})
  }
  assert.equal(parseProgress('{"version":2,"passed":{"a":["b"]}}'), null)
  assert.deepEqual(parseProgress('{"version":1,"passed":{"a":["b",3],"c":4}}'), { a: ['b'], c: [] })
  const progress = withPassed(withPassed({ a: ['b'] }, 'a', 'b'), 'a', 'c')
  assert.deepEqual(progress, { a: ['b', 'c'] })
  assert.deepEqual(parseProgress(serialize(progress)), progress)
})
