/** Lessons from disk: what the loader makes of good folders, of sloppy ones and of hostile ones. */
import assert from 'node:assert/strict'
import { mkdirSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { test } from 'node:test'
import { findLessons } from '../../server/lessons/find.ts'
import { Library } from '../../server/lessons/library.ts'
import { LessonError, loadFolder } from '../../server/lessons/load.ts'
import { alwaysPasses, passRuleOf } from '../../server/lessons/pass-rule.ts'
import { playable } from '../../server/lessons/problems.ts'
import { lessonSlug, pageSlug, slugify } from '../../server/lessons/slug.ts'
import { until } from '../helpers/until.ts'
import { type Files, scenario, write } from './helpers.ts'

const load = (files: Files) => loadFolder(write(files))
/** `file:line code`, for each problem. */
const problems = (files: Files) =>
  load(files).problems.map(({ file, line, code }) => `${file}:${line} ${code}`)

test('a Killercoda scenario loads: pages, scripts, Windows’ line ends', () => {
  const lesson = load({
    'index.json': {
      title: 'One',
      time: 20,
      details: {
        intro: { text: 'intro.md', courseData: 'bg.sh', code: 'fg.sh' },
        steps: [
          { title: 'A', text: 'step1.md', verify: 'v.sh' },
          { title: 'B', text: 'b/text.md', foreground: 'b/fg.sh' },
        ],
        finish: { title: 'Bye', text: 'finish.md', credits: 'me' },
      },
      backend: { imageid: 'ubuntu' },
    },
    'step1.md': '\uFEFFhi\r\n',
    'v.sh': 'test -e /x\r\n',
    'b/text.md': 'there',
    'b/fg.sh': 'ls',
    'intro.md': 'in',
    'finish.md': 'out',
    'bg.sh': 'sleep 1',
    'fg.sh': 'pwd',
  })
  assert.deepEqual(lesson.problems, [])
  assert.equal(lesson.time, '20 minutes')
  assert.deepEqual(
    lesson.steps.map(({ slug, title, markdown, verifyScript, foreground }) => ({
      slug,
      title,
      markdown,
      verifyScript,
      foreground,
    })),
    [
      { slug: 'step1', title: 'A', markdown: 'hi\n', verifyScript: 'test -e /x\n', foreground: null },
      { slug: 'b', title: 'B', markdown: 'there', verifyScript: null, foreground: 'ls' },
    ],
  )
  const { intro, finish } = lesson
  assert.deepEqual([intro?.background, intro?.foreground, intro?.title], ['sleep 1', 'pwd', 'Introduction'])
  assert.deepEqual([finish?.slug, finish?.title, finish?.credits], ['finish', 'Bye', 'me'])
})

test('problems have the line of the key, and the rest of the lesson plays', () => {
  const index = `{
  // comments are none of JSON's business
  "title": "One",
  "colour": "red",
  "details": {
    "assets": { "host01": [{ "file": 7 }] },
    "steps": [
      { "title": "A", "text": "gone.md" },
      { "title": "B", "text": ["a.md"], "verify": "V.sh", },
      { "title": "C", "text": "A.MD", "vrify": "x" },
      7,
    ],
  },
}`
  const lesson = load({ 'index.json': index, 'a.md': 'hi', 'v.sh': '[ -e /x ]' })
  assert.deepEqual(
    lesson.problems.map(({ file, line, code }) => `${file}:${line} ${code}`),
    [
      'index.json:2 json-syntax',
      'index.json:4 unknown-key',
      'index.json:6 wrong-type',
      'index.json:8 file-missing',
      'index.json:9 json-syntax',
      'index.json:9 wrong-type',
      'index.json:9 file-case',
      'index.json:10 unknown-key',
      'index.json:10 file-case',
      'index.json:11 json-syntax',
      'index.json:11 wrong-type',
      'index.json:12 json-syntax',
      'index.json:13 json-syntax',
    ],
  )
  assert.match(
    lesson.problems.find(({ line, code }) => line === 10 && code === 'unknown-key')!.message,
    /perhaps "verify"/,
  )
  assert.equal(playable(lesson.problems), 'partly')
  assert.deepEqual(
    lesson.steps.map(({ title, markdown, verifyScript }) => [title, markdown, verifyScript]),
    [
      ['A', '', null],
      ['B', '', '[ -e /x ]'],
      ['C', 'hi', null],
    ],
  )
})

const hopeless: [string, Files, string][] = [
  ['no index.json', { 'step1.md': 'x' }, 'index.json:1 index-missing'],
  ['an empty index.json', { 'index.json': '' }, 'index.json:1 index-unreadable'],
  ['a list as index.json', { 'index.json': '[1]' }, 'index.json:1 index-unreadable'],
  [
    'a picture as index.json',
    { 'index.json': Uint8Array.of(0x89, 0x50, 0, 0xff, 0xfe, 0x0d) },
    'index.json:1 index-unreadable',
  ],
  ['a huge index.json', { 'index.json': `"${'x'.repeat(2 ** 20)}"` }, 'index.json:1 index-unreadable'],
]
for (const [name, files, problem] of hopeless) {
  test(`cannot be played: ${name}`, () => {
    const { problems } = load(files)
    assert.ok(
      problems.some(({ file, line, code }) => `${file}:${line} ${code}` === problem),
      JSON.stringify(problems),
    )
    assert.equal(playable(problems), false)
  })
}

test('a lesson without text is a machine to play with', () => {
  const lesson = load({ 'index.json': { title: 'Playground', backend: { imageid: 'ubuntu' } } })
  assert.equal(lesson.intro?.title, 'Playground')
  assert.equal(playable(lesson.problems), true)
})

test('index.json in other encodings, and index.yaml', () => {
  const json = JSON.stringify({ title: 'Größe', details: { steps: [{ title: 'A', text: 'a.md' }] } })
  const utf16 = Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(json, 'utf16le')])
  const latin1 = Buffer.from(json, 'latin1')
  for (const bytes of [utf16, latin1]) {
    const lesson = load({ 'index.json': bytes, 'a.md': 'x' })
    assert.equal(lesson.title, 'Größe')
    assert.deepEqual(
      lesson.problems.map(({ code }) => code),
      ['encoding'],
    )
  }
  const yaml = load({
    'index.yaml': 'title: Y\ndetails:\n  steps:\n    - title: A\n      text: a.md\n',
    'a.md': 'x',
  })
  assert.deepEqual([yaml.title, yaml.steps[0]?.markdown, yaml.problems], ['Y', 'x', []])
})

test('nothing outside of the folder is read: not by path, not by link', () => {
  const root = write({
    'secret.md': 'secret',
    'one/index.json': scenario(
      { title: 'A', text: '../secret.md' },
      { title: 'B', text: 'link.md' },
      { title: 'C', text: 'deep/a.md' },
      { title: 'D', text: 'device.md' },
      { title: 'E', text: 'folder.md' },
      { title: 'F', text: 'own.md' },
    ),
    'one/own.md': 'own',
  })
  const one = path.join(root, 'one')
  symlinkSync(path.join(root, 'secret.md'), path.join(one, 'link.md'))
  symlinkSync(root, path.join(one, 'deep'))
  symlinkSync('/dev/zero', path.join(one, 'device.md'))
  mkdirSync(path.join(one, 'folder.md'))
  const lesson = loadFolder(one)
  assert.deepEqual(
    lesson.steps.map(({ markdown }) => markdown),
    ['', '', '', '', '', 'own'],
  )
  const codes = lesson.problems.map(({ code }) => code)
  assert.deepEqual(codes, ['file-outside', 'file-outside', 'file-missing', 'file-outside', 'file-unreadable'])
  // The folder it is mounted from may be wider: courses share files.
  assert.equal(loadFolder(one, { boundary: root }).steps[0]!.markdown, 'secret')
})

test('lab.yaml: beside a step, and for flat files by name; wrong keys are named with their line', () => {
  const lesson = load({
    'index.json': scenario({ title: 'A', text: 'a/text.md' }, { title: 'B', text: 'b.md' }),
    'lab.yaml':
      'chapters:\n  - title: All\n    steps: [a, b, c]\nglossary:\n  - {id: ns, term: namespace, text: A view.}\n',
    'a/text.md': 'x',
    'a/solve.sh': 'true',
    'a/lab.yaml': `goal: Know.
minutes: 3
colour: red
questions:
  - ask: Why?
    answers: [yes it is, "no"]
    right: 2
    because: So.
checks:
  - spec: {pointer: /process/terminal, equals: false}
    else: It is still true.
  - runc: {id: demo, status: walking}
    else: It does not walk.
`,
    'b.md': 'y',
    'b.lab.yaml': 'mistake: None.\n',
  })
  assert.deepEqual(
    lesson.problems.map(({ file, line, code }) => `${file}:${line} ${code}`),
    ['a/lab.yaml:3 lab-key', 'a/lab.yaml:7 lab-key', 'a/lab.yaml:12 lab-key', 'lab.yaml:1 lab-key'],
  )
  const [a, b] = lesson.steps
  assert.deepEqual([a?.goal, a?.minutes, a?.solution, a?.questions], ['Know.', 3, 'true', []])
  assert.deepEqual(a?.checks, [
    { spec: { pointer: '/process/terminal', equals: false }, else: 'It is still true.' },
  ])
  assert.equal(b?.mistake, 'None.')
  assert.deepEqual([lesson.chapters.length, lesson.glossary[0]?.term], [1, 'namespace'])
  assert.equal(lesson.file, '/tmp/mycontainer/config.json')
})

test('how a verify script says “passed”', () => {
  const rules: [string, string][] = [
    ['#!/bin/bash\n[ -f /x ]', 'exit'],
    ['echo "done"', 'exit'],
    ['set -e\n[ -f /x ]\necho done', 'exit'],
    ['[ -f /x ] && exit 0\necho done', 'exit'],
    ['[ -f /x ] || exit 1\necho done', 'exit'],
    ['[ -f /x ] && echo done', 'exit'],
    ['if [ -f /x ]; then echo "done"; fi', 'done'],
    ["if test -f /x\nthen\n  echo 'done'\nelse\n  echo 'not done'\nfi", 'done'],
    ['for i in 1; do ls $i; done', 'exit'],
  ]
  for (const [script, rule] of rules) assert.equal(passRuleOf(script), rule, script)
  for (const script of ['', '#!/bin/bash\n', 'echo "done"', 'exit 0', 'true'])
    assert.ok(alwaysPasses(script), script)
  for (const script of ['[ -f /x ]', 'ls', 'echo a && ls']) assert.ok(!alwaysPasses(script), script)
})

test('addresses', () => {
  assert.equal(slugify('Step One'), 'step-one')
  assert.equal(slugify('Übung_2'), 'ubung-2')
  const deep = 'a-collective-of-teachers/foundations-of-the-command-line/reading-files/regular-expressions'
  assert.equal(lessonSlug(deep), 'of-the-command-line-reading-files-regular-expressions')
  assert.equal(lessonSlug('course/one'), 'course-one')
  assert.match(slugify('测试'), /^x-[0-9a-f]{8}$/)
  assert.equal(pageSlug('the-bundle/text.md'), 'the-bundle')
  assert.equal(pageSlug('steps/3/step3.md'), 'step3')
  const { steps } = load({
    'index.json': scenario({ text: 'a/x.md' }, { text: 'b/x.md' }, {}),
    'a/x.md': '',
    'b/x.md': '',
  })
  assert.deepEqual(
    steps.map(({ slug }) => slug),
    ['x', 'x-2', 'step3'],
  )
})

test('lessons are found at any depth, in the order and courses that structure and pathway files give', () => {
  const one = scenario({ title: 'A', text: 'a.md' })
  const root = write({
    'structure.json': {
      items: [
        { path: 'second', title: 'Better title' },
        { path: 'course', title: 'A course' },
      ],
    },
    'first/index.json': one,
    'second/index.json': one,
    'second/assets/index.json': one,
    'second/node_modules/x/index.json': one,
    'course/b/index.json': one,
    'course/group/c/index.json': one,
    'app/index.json': { name: 'nobody’s' },
    'forgot/step1.md': 'x',
  })
  symlinkSync(root, path.join(root, 'course', 'loop'))
  const found = findLessons(root).map(({ name, courses, title, unlisted }) => ({
    name,
    courses,
    title,
    unlisted,
  }))
  assert.deepEqual(found, [
    { name: 'second', courses: [], title: 'Better title', unlisted: false },
    { name: 'course/b', courses: ['A course'], title: undefined, unlisted: false },
    { name: 'course/group/c', courses: ['A course', 'Group'], title: undefined, unlisted: false },
    { name: 'first', courses: [], title: undefined, unlisted: true },
    { name: 'forgot', courses: [], title: undefined, unlisted: true },
  ])
  const pathway = write({
    'go-pathway.json': {
      title: 'Go',
      courses: [{ course_id: 'two', title: 'Two!' }, { course_id: 'one' }, { course_id: 'gone' }],
    },
    'go/one/index.json': one,
    'go/two/index.json': one,
  })
  assert.deepEqual(
    findLessons(pathway).map(({ name, courses, title }) => [name, courses, title]),
    [
      ['go/two', ['Go'], 'Two!'],
      ['go/one', ['Go'], undefined],
    ],
  )
})

test('the library: several folders, addresses that differ, files that change', async () => {
  const one = scenario({ title: 'A', text: 'a.md' })
  const first = write({ 'one/index.json': one, 'one/a.md': 'old', 'broken/index.json': '{' })
  const second = write({ 'one/index.json': one, 'one/a.md': 'other' })
  const alone = write({ 'index.json': { ...one, private: true }, 'a.md': 'alone' })
  const library = new Library([first, '/nowhere', second, alone])
  assert.deepEqual(
    library.list().map(({ slug }) => slug),
    ['one', 'one-2'],
  )
  assert.equal(library.find('one-2').steps[0]!.markdown, 'other')
  assert.equal(library.find(slugify(path.basename(alone))).steps[0]!.markdown, 'alone')
  for (const slug of ['none', '../one', 'broken']) assert.throws(() => library.find(slug), LessonError)
  const file = path.join(first, 'one', 'a.md')
  writeFileSync(file, 'new')
  utimesSync(file, new Date(), new Date(Date.now() + 5000))
  await until('the changed text is read', () => library.find('one').steps[0]!.markdown === 'new')
  write({ 'three/index.json': one, 'three/a.md': '' }, second)
  await until('the new lesson is found', () => library.list().some(({ slug }) => slug === 'three'))
})

test('the library: what is read in the midst of a save is read again, also if its size and time are the same then', async () => {
  const folder = write({ 'mine/index.json': scenario({ title: 'A', text: 'a.md' }), 'mine/a.md': 'half' })
  const file = path.join(folder, 'mine', 'a.md')
  const library = new Library([folder])
  // As if the clock of files had just ticked.
  const time = new Date(Date.now() + 900)
  utimesSync(file, time, time)
  assert.equal(library.find('mine').steps[0]!.markdown, 'half')
  writeFileSync(file, 'full')
  utimesSync(file, time, time)
  await until('it is read again', () => library.find('mine').steps[0]!.markdown === 'full')
})

test('many problems are told in part', () => {
  const steps = Array.from({ length: 300 }, (_, index) => ({ title: 'x', text: `gone${index}.md` }))
  const found = problems({ 'index.json': scenario({ title: 'y', text: 'y.md' }, ...steps), 'y.md': 'y' })
  assert.equal(found.length, 201)
  assert.match(found.at(-1)!, /too-many/)
})
