/** Katacoda's questions: every kind of answer, what a learner types, and which of them stand before the way on. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { questionsIn } from '../../app/lesson-text/render.tsx'
import { isTypedRight } from '../../components/lesson/quiz-answer.ts'
import { readPage } from '../../server/lessons/page.ts'

const quizzes = (markdown: string) =>
  readPage(markdown).placed.flatMap(({ mark }) => (mark.kind === 'quiz' ? [mark.quiz] : []))

test('the four kinds of questions are told apart by their answers', () => {
  const kinds = quizzes(
    [
      '>>Q1: exactly<<\n=== test',
      'text between',
      '>>Q2: with<<\n=~= test\n=~= other',
      '>>Q3: several <<\n[*] a\n[x] b\n[ ] c',
      '>> Q4: one <<\n(*) a\n( ) b',
    ].join('\n\n'),
  ).map(({ ask, kind, answers }) => `${ask} ${kind} ${answers.map(({ right }) => Number(right)).join('')}`)
  assert.deepEqual(kinds, [
    'Q1: exactly exact 1',
    'Q2: with contains 11',
    'Q3: several several 110',
    'Q4: one one 10',
  ])
})

test('what is typed: capitals and white space make no difference, an empty line is no answer', () => {
  const cases: ['exact' | 'contains', string, string, boolean][] = [
    ['exact', 'Yes', ' yes ', true],
    ['exact', 'crontab -e', 'crontab   -e', true],
    ['exact', 'Yes', 'yes sir', false],
    ['exact', 'a.c', 'abc', false],
    ['exact', '/a.c/', 'abc', false],
    ['contains', 'part', 'a Party', true],
    ['contains', 'part', 'none', false],
    ['contains', 'part', '', false],
    ['contains', '/^docker +run/i', 'docker  run x', true],
    ['contains', '/^docker +run/', 'my docker run', false],
    ['contains', 'docker.*-p 80', 'docker run -p 80:80', true],
    ['contains', 'a.c', 'abc', false],
    ['contains', 'ps aux | grep x', 'ps aux', false],
    ['contains', '$HOME', 'echo $home', true],
    ['contains', '/(/', 'anything', false],
    ['contains', '.*(', 'x', false],
  ]
  for (const [kind, wanted, typed, right] of cases)
    assert.equal(isTypedRight(kind, [wanted], typed), right, `${kind} ${wanted}: ${typed}`)
  assert.ok(isTypedRight('exact', ['a', 'b'], 'B'))
})

test('only what can be answered holds anybody up: not what is quoted, nor a question without a right answer', () => {
  assert.equal(questionsIn('no question'), 0)
  assert.equal(questionsIn('>>a<<\n( ) no\n( ) nor this'), 0)
  assert.equal(questionsIn('```\n>>a<<\n(*) b\n```\n\n<pre>\n>>a<<\n(*) b\n</pre>'), 0)
  assert.equal(questionsIn('>>a<<\n(*) b\n\nc\n\n>>d<<\n=== e'), 2)
})
