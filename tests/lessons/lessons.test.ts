/** Lessons as pages: Killercoda's extensions of Markdown, and every lesson of this repository. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { renderToStaticMarkup } from 'react-dom/server'
import { renderMarkdown } from '../../app/lesson-text/render.tsx'
import {
  NOTHING,
  parseProgress,
  serialize,
  withLast,
  without,
  withPassed,
} from '../../components/lesson/progress-data.ts'
import { Library } from '../../server/lessons/library.ts'

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../../lessons')
const library = new Library([root])
const html = (markdown: string) => renderToStaticMarkup(renderMarkdown(markdown))

/** What the buttons of a page say, in order. */
function buttons(markup: string, verb: 'Run' | 'Copy'): string[] {
  return [...markup.matchAll(/aria-label="([^"]*)"/g)]
    .map(([, label]) => label!.replaceAll('&quot;', '"').replaceAll('&#x27;', "'").replaceAll('&amp;', '&'))
    .filter((label) => label.startsWith(verb))
}

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
    assert.deepEqual(parseProgress(text), NOTHING)
  }
  assert.equal(parseProgress('{"version":2,"passed":{"a":["b"]}}'), null)
  assert.deepEqual(parseProgress('{"version":1,"passed":{"a":["b",3],"c":4},"last":{"a":"b","c":1}}'), {
    passed: { a: ['b'], c: [] },
    last: { a: 'b' },
  })
  const progress = withLast(withPassed(withPassed(NOTHING, 'a', ['b']), 'a', ['b', 'c']), 'a', 'c')
  assert.deepEqual(progress, { passed: { a: ['b', 'c'] }, last: { a: 'c' } })
  assert.deepEqual(parseProgress(serialize(progress)), progress)
  assert.deepEqual(without(progress, 'a', 'b').passed, { a: ['c'] })
  assert.deepEqual(without(progress, 'a', null), NOTHING)
})

test('a full stop stays beside the link or command before it, and other text is left alone', () => {
  const page = html(
    'See `ls -l`{{exec}}, then [a field](field:/process/args). And [more](https://example.org) here.',
  )
  const kept = [...page.matchAll(/<span class="unbroken">(.*?)([.,])<\/span>/g)].map(([, , marks]) => marks)
  assert.deepEqual(kept, [',', '.'])
  assert.match(page, /<\/span> then /)
  assert.match(page, />more<\/a> here\./)
})
