/** The course is whole: every step has all its parts, its diffs are what the edits do, and every link leads somewhere. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { loadFolder } from '../../server/lessons/load.ts'
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

for (const step of lesson.steps) {
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
  })

  test('to fields lead to places in config.json', () => {
    const texts = [...replay(lesson).files.values(), ...Object.values(lesson.starts)]
    for (const { slug, markdown } of pages)
      for (const pointer of links(markdown, 'field'))
        assert.ok(
          texts.some((text) => locate(text, pointer)),
          `${slug}: ${pointer}`,
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
