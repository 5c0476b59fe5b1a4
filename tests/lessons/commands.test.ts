/** The author's commands that need no sandbox: new, check, report; and that the documentation's tables are those of the schemas. */
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import path from 'node:path'
import { describe, test } from 'node:test'
import { withTables } from '../../server/lessons/reference.ts'
import { ROOT } from '../helpers/lab.ts'
import { writeCorpus } from './corpus.ts'
import { type Files, scenario, write } from './helpers.ts'

function lesson(...argv: string[]) {
  const program = `import(${JSON.stringify(path.join(ROOT, 'build', 'lesson.js'))}).then(async ({ lessonCommand }) => { process.exitCode = await lessonCommand(${JSON.stringify(argv)}) })`
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    cwd: ROOT,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  })
  return { status, stdout, stderr }
}

interface Scenario {
  path: string
  title: string
  playable: boolean | 'partly'
  problems: { file: string; line: number; code: string; message: string }[]
}
const report = (...folders: string[]): Scenario[] =>
  JSON.parse(lesson('report', ...folders, '--json').stdout).scenarios

test('the tables of docs/writing-lessons.md are those of the schemas: lesson reference docs/writing-lessons.md', () => {
  const document = readFileSync(path.join(ROOT, 'docs/writing-lessons.md'), 'utf8')
  // The formatter puts their columns in line.
  const bare = (text: string) =>
    text
      .replace(/ +\|/g, ' |')
      .replace(/-{3,}/g, '---')
      .replace(/\s*\n\s*/g, '\n')
  assert.equal(bare(withTables(document)), bare(document))
})

test('new makes a lesson that check finds nothing wrong with, and never writes over one', () => {
  const folder = path.join(write({}), 'my-lesson')
  assert.equal(lesson('new', folder).status, 0)
  const { status, stdout } = lesson('check', folder)
  assert.equal(status, 0, stdout)
  assert.match(stdout, /nothing to mend/)
  assert.equal(lesson('new', folder).status, 1)
})

test('check says what an author at midnight has done, and what to do about it', () => {
  const root = write({
    'comma/index.json': '{ "title": "A", "details": { "steps": [{ "title": "B", "text": "b.md" }, ] } }',
    'comma/b.md': 'b',
    'twins/index.json': scenario(
      { title: 'Again', text: 'a.md', verify: 'no.sh' },
      { title: 'Again', text: 'b.md', verify: 'yes.sh' },
    ),
    'twins/a.md': 'a',
    'twins/b.md': 'b',
    'twins/no.sh': 'exit 1',
    'twins/yes.sh': '#!/bin/bash\nexit 0',
    'other/twins/index.json': scenario({ title: 'C', text: 'c.md', verify: 'no.sh' }),
    'other/twins/c.md': 'c',
    'other/twins/no.sh': 'exit 1',
  })
  const comma = lesson('check', path.join(root, 'comma'))
  assert.equal(comma.status, 1)
  assert.match(comma.stdout, /✗ \S+\/comma\/index\.json:1 This is not valid JSON: a comma too many/)
  assert.match(comma.stdout, /1 lesson, 1 mistake\./)

  const twins = lesson('check', path.join(root, 'twins'))
  assert.equal(twins.status, 1)
  assert.match(
    twins.stdout,
    /· \S+index\.json:\d+ Step 1 is called "Again", too\. \(same-title\)\n {4}→ Give each/,
  )
  assert.match(twins.stdout, /✗ \S+index\.json:\d+ The check of "Again" passes whatever was done/)

  const both = lesson(
    'check',
    path.join(root, 'comma'),
    path.join(root, 'other/twins'),
    path.join(root, 'twins'),
  )
  assert.match(both.stdout, /\/other\/twins has the address "twins", too: one of them gets a number/)

  const nowhere = lesson('check', path.join(root, 'nowhere'))
  assert.equal(nowhere.status, 1)
  assert.match(nowhere.stdout, /✗ There is no folder \S+nowhere\.\n {4}→ Make one: npm run -s lesson -- new/)
})

test('what is not understood is said, with how to use it', () => {
  for (const argv of [[], ['chek', '.'], ['check'], ['report', '.', '--jsn']]) {
    const { status, stderr } = lesson(...argv)
    assert.equal(status, 2)
    assert.match(stderr, /Usage: npm run -s lesson/)
  }
})

test('check says file, line and what to do, and ends with 1', () => {
  const folder = write({
    'index.json': scenario({ title: 'A', text: 'a/text.md', verify: 'a/verify.sh' }),
    'a/text.md':
      'One\n\n```diff edit=gone\n-a\n+b\n```\n\n[x](term:none)\n\n[y](lens:kernel), [z](lens:cgroup), [w](lens:/a)',
    'a/verify.sh': 'if true\nthen echo\n',
    'a/lab.yaml': 'gaol: x\nedits:\n  - {id: other, title: x, patch: [{op: remove, path: /a}]}\n',
  })
  const { status, stdout } = lesson('check', folder, '--json')
  assert.equal(status, 1)
  const [found] = JSON.parse(stdout).lessons
  assert.equal(found.ok, false)
  assert.deepEqual(
    found.problems
      .map(({ file, line, code }: Scenario['problems'][number]) => `${file}:${line} ${code}`)
      .sort(),
    [
      'a/lab.yaml:1 lab-key',
      'a/text.md:1 lab-key',
      'a/text.md:10 link-missing',
      'a/text.md:3 lab-key',
      'a/text.md:8 link-missing',
      'a/verify.sh:3 script-syntax',
    ],
  )
  assert.ok(found.problems.every(({ fix }: { fix: string }) => fix.endsWith('.')))
  assert.match(found.problems[0].message, /perhaps "goal"/)
  assert.match(lesson('check', folder).stdout, /✗ .*a\/verify\.sh:3 .*\n {4}→ Mend the script/)
})

describe('report', () => {
  const verdict = (files: Files) => {
    const [only, more] = report(write(files))
    assert.equal(more, undefined)
    return {
      playable: only!.playable,
      codes: only!.problems.map(({ file, line, code }) => `${file}:${line} ${code}`),
    }
  }
  const index = (imageid: string, more: object = {}) => ({
    ...scenario({ title: 'A', text: 'a.md' }),
    backend: { imageid },
    ...more,
  })
  const exec = (command: string) => `text\n\n\`\`\`\n${command}\n\`\`\`{{execute}}\n`

  const cases: [string, Files, boolean | 'partly', string[]][] = [
    [
      'what works here',
      { 'index.json': index('ubuntu'), 'a.md': exec('docker run -d -p 80:80 --name x busybox httpd') },
      true,
      [],
    ],
    [
      'what is built from what is there',
      {
        'index.json': index('docker'),
        'a.md': '```\nFROM busybox\n```\n\n`docker build -t me .`{{execute}} `docker run me`{{execute}}',
      },
      true,
      [],
    ],
    [
      'an image from elsewhere',
      { 'index.json': index('docker'), 'a.md': exec('docker run -it --rm -v "$PWD":/x alpine sh') },
      'partly',
      ['a.md:4 needs-internet'],
    ],
    [
      'packages',
      { 'index.json': index('ubuntu'), 'a.md': exec('cd /tmp\nsudo apt-get install -y git') },
      'partly',
      ['a.md:5 needs-internet'],
    ],
    [
      'a program that is not there',
      { 'index.json': index('ubuntu'), 'a.md': exec('kubectl get pods') },
      'partly',
      ['a.md:4 needs-program'],
    ],
    [
      'text that is fed to a command',
      { 'index.json': index('ubuntu'), 'a.md': exec('cat <<EOF > x\ngit clone https://example.org/x\nEOF') },
      true,
      [],
    ],
    [
      'an address of its own',
      { 'index.json': index('ubuntu'), 'a.md': exec('curl http://localhost:8080/ http://127.0.0.1') },
      true,
      [],
    ],
    [
      'a cluster',
      { 'index.json': index('kubernetes-kubeadm-2nodes'), 'a.md': 'x' },
      false,
      ['index.json:12 needs-kubernetes'],
    ],
    [
      'OpenShift',
      { 'index.json': index('openshift-4-7'), 'a.md': 'x' },
      false,
      ['index.json:12 needs-other-machine'],
    ],
    [
      'a language’s machine',
      { 'index.json': index('nodejs:12'), 'a.md': 'x' },
      'partly',
      ['index.json:12 machine-differs'],
    ],
    [
      'a second host',
      { 'index.json': index('ubuntu'), 'a.md': '`ls`{{execute HOST2}}\n\n`ssh host02`{{exec}}' },
      'partly',
      ['a.md:1 second-host', 'a.md:3 needs-program', 'a.md:3 second-host'],
    ],
    [
      'a port',
      { 'index.json': index('ubuntu'), 'a.md': 'x\n[y]({{TRAFFIC_HOST1_80}})' },
      'partly',
      ['a.md:2 port-link'],
    ],
    [
      'a dashboard',
      {
        'index.json': index('ubuntu', { environment: { dashboards: [{ name: 'Web', port: 80 }] } }),
        'a.md': 'x',
      },
      'partly',
      ['index.json:16 dashboard'],
    ],
    [
      'pictures',
      { 'index.json': index('ubuntu'), 'a.md': '![a](gone.png)\n\n<img src="https://x.example/y.png">' },
      'partly',
      ['a.md:1 image-missing', 'a.md:3 image-remote'],
    ],
    [
      'a frame',
      { 'index.json': index('ubuntu'), 'a.md': '<iframe src="https://x.example"></iframe>' },
      'partly',
      ['a.md:1 embedded'],
    ],
    [
      'a fence without end',
      { 'index.json': index('ubuntu'), 'a.md': 'x\n\n```\nls\n' },
      'partly',
      ['a.md:3 fence-open'],
    ],
    [
      'no text at all',
      { 'index.json': index('ubuntu') },
      false,
      ['index.json:3 no-text', 'index.json:7 file-missing'],
    ],
  ]
  for (const [name, files, playable, codes] of cases) {
    test(name, () => assert.deepEqual(verdict(files), { playable, codes }))
  }

  test('a path that is none, or holds no lesson, is a lesson that cannot be played', () => {
    const statuses = [
      ['/nowhere', 1],
      [path.join(ROOT, 'package.json'), 1],
      [write({}), 0],
      [write({ 'readme.txt': 'x' }), 0],
    ] as const
    for (const [folder, wanted] of statuses) {
      const { status, stdout } = lesson('report', '--json', folder)
      const [only] = JSON.parse(stdout).scenarios
      assert.deepEqual([only.path, only.playable, status], [folder, false, wanted])
    }
    // The others are told all the same.
    assert.equal(report('/nowhere', write({ 'index.json': index('ubuntu'), 'a.md': 'x' }))[1]!.playable, true)
  })

  test('what would be the end of a careless reader: huge, binary, looping, deep, or no file at all', () => {
    const root = write({
      'huge/index.json': index('ubuntu'),
      'huge/a.md': 'x '.repeat(2_500_000),
      'huge-index/index.json': `{"details": {}, "a": "${'x'.repeat(5_000_000)}"}`,
      'binary/index.json': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256)),
      'binary-text/index.json': index('ubuntu'),
      'binary-text/a.md': Buffer.from(Array.from({ length: 4096 }, (_, i) => (i * 7) % 256)),
      'folders/index.json/x': 'a folder of this name',
      'folders/step1.md/x': 'and of this',
      'text-is-folder/index.json': index('ubuntu'),
      'text-is-folder/a.md/x': 'x',
      'loop/index.json': index('ubuntu'),
      'loop/a.md': 'x',
      'sloppy/index.json': `\uFEFF// mine\n{"title": "A", /* b */ "details": {"steps": [{"title": "A", "text": "a.md",},],},}`,
      'sloppy/a.md': 'x',
      'deep/index.json': `{"details": {"steps": ${'['.repeat(50_000)}${']'.repeat(50_000)}}}`,
      'deep-less/index.json': `{"details": {"a": ${'['.repeat(2000)}${']'.repeat(2000)}, "steps": [{"text": "a.md"}]}}`,
      'deep-text/index.json': index('ubuntu'),
      'deep-text/a.md': `fine\n\n${'> '.repeat(50_000)}deep`,
      'deep-html/index.json': index('ubuntu'),
      'deep-html/a.md': '<div>'.repeat(20_000),
      'many-tags/index.json': index('ubuntu'),
      'many-tags/a.md': '<kbd>a</kbd> '.repeat(2000),
      'null/index.json': '{"title": null, "details": null, "environment": null, "backend": null}',
      'kinds/index.json': '{"title": [], "details": {"steps": {"a": 1}, "intro": "x"}, "backend": 7}',
    })
    symlinkSync(root, path.join(root, 'loop/all'))
    symlinkSync('self', path.join(root, 'loop/self'))
    mkdirSync(path.join(root, 'dangling'))
    symlinkSync('/nowhere/index.json', path.join(root, 'dangling/index.json'))
    mkdirSync(path.join(root, 'pipe'))
    execFileSync('mkfifo', [path.join(root, 'pipe/index.json')])
    const { status, stdout, stderr } = lesson('report', '--json', root)
    assert.equal(status, 0, stderr)
    const scenarios: Scenario[] = JSON.parse(stdout).scenarios
    const told = Object.fromEntries(
      scenarios.map(({ path: folder, playable, problems }) => [
        path.relative(root, folder),
        [playable, ...problems.map(({ file, line, code }) => `${file}:${line} ${code}`)].join(' '),
      ]),
    )
    assert.deepEqual(told, {
      binary: 'false index.json:1 encoding index.json:1 json-syntax index.json:1 index-unreadable',
      'binary-text': 'true a.md:1 encoding',
      dangling: 'false index.json:1 index-missing',
      deep: 'false index.json:1 json-syntax index.json:1 index-unreadable',
      'deep-html': 'partly a.md:1 too-deep',
      'deep-less': 'false index.json:1 json-syntax index.json:1 index-unreadable',
      'deep-text': 'partly a.md:3 too-deep',
      folders: 'false index.json:1 index-unreadable',
      huge: 'false index.json:3 no-text index.json:7 file-too-large',
      'huge-index': 'false index.json:1 index-unreadable',
      kinds: `partly ${'index.json:1 wrong-type '.repeat(4)}index.json:1 no-title index.json:1 no-pages`,
      loop: 'true',
      'many-tags': 'true',
      null: 'true index.json:1 no-title index.json:1 no-pages',
      pipe: 'false index.json:1 index-unreadable',
      sloppy: 'true index.json:1 json-syntax index.json:2 json-syntax',
      'text-is-folder': 'false index.json:3 no-text index.json:7 file-unreadable',
    })
    for (const { problems } of scenarios)
      for (const { message } of problems) assert.doesNotMatch(message, /call stack|undefined|\[object/)
  })

  test('scenarios with every kind of sloppiness: each has a verdict, and nothing fails', {
    timeout: 180_000,
  }, () => {
    const root = write({})
    const folders = writeCorpus(root, 140)
    const scenarios = report(root)
    assert.deepEqual(scenarios.map((each) => each.path).sort(), folders.sort())
    const count = (playable: boolean | 'partly') =>
      scenarios.filter((each) => each.playable === playable).length
    assert.ok(count(false) > 20 && count('partly') > 20)
    for (const { problems, playable } of scenarios) {
      if (playable !== true) assert.ok(problems.length > 0)
      for (const { file, line, message } of problems) assert.ok(file && line >= 1 && message)
      assert.ok(!JSON.stringify(problems).includes('root:x:0'), 'nothing outside is read')
    }
    rmSync(root, { recursive: true })
  })
})
