/** The course is whole: every step has all its parts, its diffs are what the edits do, and every link leads somewhere. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { loadFolder } from '../../server/lessons/load.ts'
import { fieldOf } from '../../server/lessons/render-paths.ts'
import { replay, withDiff } from '../../server/lessons/replay.ts'
import { locate } from '../../spec/pointer.ts'
import { ROOT } from '../helpers/lab.ts'

const lesson = loadFolder(path.join(ROOT, 'lessons/runc-by-hand'))
const links = (markdown: string, scheme: string) =>
  [...markdown.matchAll(new RegExp(`\\]\\(${scheme}:([^)\\s]+)\\)`, 'g'))].map(([, target]) => target!)

test('five chapters hold the twenty steps, in their order, and nothing is wrong with the lesson', () => {
  assert.deepEqual(lesson.problems, [])
  assert.equal(lesson.steps.length, 20)
  assert.equal(lesson.chapters.length, 5)
  assert.deepEqual(
    lesson.chapters.flatMap(({ steps }) => steps),
    lesson.steps.map(({ slug }) => slug),
  )
  assert.ok(lesson.challenge?.verifyScript && lesson.challenge.solution)
  assert.ok(lesson.takeHome?.markdown)
})

/** How a term is written where a reader meets it. */
const WORDS: Record<string, RegExp> = {
  container: /\bcontainers?\b/i,
  runc: /\brunC\b/,
  oci: /\bOCI\b/,
  bundle: /\bbundles?\b/i,
  rootfs: /\broot file systems?\b/i,
  namespace: /\bnamespaces?\b/i,
  cgroup: /\bcgroups?\b/i,
  capability: /\bcapabilit(y|ies)\b/i,
  syscall: /\bsystem calls?\b/i,
  seccomp: /\bseccomp\b/i,
  rootless: /\brootless\b/i,
  shim: /\bshims?\b/i,
  hook: /\bhooks?\b/i,
}

/** What is read as text: without code, tables, pictures, and where links lead but to terms. */
const prose = (markdown: string) =>
  markdown
    .replaceAll(/^```[\s\S]*?^```.*$/gm, '')
    .replaceAll(/^\|.*\|$/gm, '')
    .replaceAll(/^#.*$/gm, '')
    .replaceAll(/`[^`\n]*`/g, '')
    .replaceAll(/!\[[^\]]*\]\([^)]*\)/g, '')
    .replaceAll(/\]\((?!term:)[^)]*\)/g, ']')

for (const step of lesson.steps) {
  test(`${step.slug} asks for a guess right before each run that answers it`, () => {
    const parts = step.markdown.split(/^> \*\*Predict\.\*\*/m).slice(1)
    assert.ok(parts.length > 0)
    for (const part of parts) {
      const fence = /^```[\s\S]*?^```.*$/m.exec(part)?.[0] ?? ''
      assert.match(fence, /\{\{exec[^}]*\}\}$/, `what comes next is no command: ${part.slice(0, 80)}`)
    }
  })

  test(`${step.slug} is short: a paragraph has one idea, and a command stands alone`, () => {
    for (const paragraph of prose(step.markdown).split(/\n{2,}/)) {
      const words = paragraph.split(/\s+/).filter(Boolean)
      assert.ok(words.length <= 75, `${words.length} words: ${paragraph.slice(0, 60)}`)
      for (const sentence of paragraph.split(/(?<=[.?!])\s/))
        assert.ok(sentence.split(/\s+/).length <= 38, `a long sentence: ${sentence}`)
    }
    assert.ok([...step.markdown.matchAll(/\{\{exec/g)].length > 0, 'nothing to run')
  })

  test(`${step.slug} has a goal, a check, hints that look at the sandbox, a mistake, two questions, sources, a solution`, () => {
    assert.match(step.goal, /^[A-Z].*\.$/)
    assert.ok(step.minutes >= 3 && step.minutes <= 15)
    assert.ok(step.verifyScript && step.solution)
    assert.match(step.markdown, /^> \*\*Predict\.\*\*/m)
    assert.ok(step.hints.length >= 3)
    assert.ok(
      step.hints.some(({ when }) => when),
      'no hint looks at the sandbox',
    )
    assert.equal(step.hints.at(-1)?.when, undefined, 'the last hint is for everybody')
    assert.ok(step.mistake && step.deeper.length >= 2)
    for (const { url } of step.deeper) assert.match(url, /^https:/)
    assert.equal(step.questions.length, 2)
    for (const { answers, because } of step.questions) {
      assert.ok(answers.length >= 2 && because.length > 30)
    }
  })

  test(`${step.slug} shows its edits where they belong`, () => {
    const shown = [...step.markdown.matchAll(/^```diff edit=(\S+)/gm)].map(([, id]) => id)
    assert.deepEqual(
      shown,
      step.edits.map(({ id }) => id),
    )
  })
}

test('checks on meaning say more than a script can: of the spec, of runc, of the kernel', () => {
  const kinds = (slug: string) =>
    lesson.steps.find((step) => step.slug === slug)!.checks.flatMap((check) => Object.keys(check))
  // On other platforms the script is all there is: each step has one that is whole without them.
  for (const { slug, checks } of lesson.steps.slice(2)) assert.ok(checks.length > 0, slug)
  for (const slug of ['memory', 'processes-and-cpu', 'change-while-running', 'capabilities', 'seccomp'])
    assert.ok(kinds(slug).includes('kernel'), slug)
})

test('the time of the course is what its steps take together', () => {
  const minutes = lesson.steps.reduce((sum, { minutes }) => sum + minutes, 0)
  assert.equal(lesson.time, '2 to 3 hours')
  assert.ok(minutes >= 120 && minutes <= 180, `${minutes} minutes`)
})

test('the diffs in the text are what the edits do', () => {
  const { diffs } = replay(lesson)
  for (const step of lesson.steps) {
    for (const { id } of step.edits) {
      const { diff, problem } = diffs.get(`${step.slug}/${id}`)!
      assert.equal(problem, null, `${step.slug}/${id}`)
      assert.equal(withDiff(step.markdown, id, diff), step.markdown, `${step.slug}/${id}`)
    }
  }
})

describe('links', () => {
  const pages = [...lesson.steps, lesson.challenge!, lesson.takeHome!]

  test('to terms lead into the glossary, and every term is explained where it first appears', () => {
    const used = new Set(pages.flatMap(({ markdown }) => links(markdown, 'term')))
    assert.deepEqual([...used].sort(), lesson.glossary.map(({ id }) => id).sort())
    const all = pages.map(({ slug, markdown }) => ({ slug, text: prose(markdown) }))
    for (const { id } of lesson.glossary) {
      const word = WORDS[id]
      assert.ok(word, `say in this test how the term "${id}" is written`)
      const { slug, text } = all.find(({ text }) => word.test(text))!
      const at = text.search(word)
      const link = text.indexOf(`](term:${id})`)
      const bracket = text.lastIndexOf('[', link)
      assert.ok(
        link >= 0 && bracket <= at && at < link,
        `${slug} uses "${id}" first, unexplained: …${text.slice(Math.max(0, at - 60), at + 40)}…`,
      )
    }
  })

  test('to fields lead to places in config.json', () => {
    const { files } = replay(lesson)
    for (const { slug, markdown } of pages)
      for (const link of [...links(markdown, 'field'), ...links(markdown, 'lens')]) {
        if (!link.startsWith('/')) continue
        const { file, pointer } = fieldOf(link, lesson.file)
        const texts = [
          files.get(file!),
          lesson.starts[file!],
          ...(file === lesson.file ? files.values() : []),
        ]
        // The copies of the bundle have no start of their own.
        assert.ok(
          texts.some((text) => text && locate(text, pointer)),
          `${slug}: ${link}`,
        )
      }
  })

  test('to the lens are in every step that has a container to look at', () => {
    const with_ = lesson.steps.filter(({ markdown }) => links(markdown, 'lens').length > 0)
    // The first four steps make the bundle; in the seventh, containers come and go; the lens looks where root keeps notes.
    const without = ['meet-the-tools', 'the-bundle', 'runc-spec', 'read-config', 'make-it-yours', 'rootless']
    assert.deepEqual(
      lesson.steps.map(({ slug }) => slug).filter((slug) => !without.includes(slug)),
      with_.map(({ slug }) => slug),
    )
  })

  test('to pictures lead to files, and say in words what is in them', () => {
    const pictures = pages.flatMap(({ file, markdown }) =>
      [...markdown.matchAll(/!\[([^\]]*)\]\(([^)]+)\)/g)].map(([, alt, src]) => ({
        file,
        alt: alt!,
        src: src!,
      })),
    )
    assert.equal(new Set(pictures.map(({ src }) => src)).size, 5)
    for (const { file, alt, src } of pictures) {
      assert.ok(alt.length > 80, `${file}: ${src}`)
      const svg = fs.readFileSync(path.join(lesson.folder, path.dirname(file), src), 'utf8')
      assert.match(svg, /prefers-color-scheme: dark/)
    }
  })
})
