/** The author's commands that need no sandbox: new, check, report; and that the documentation's tables are those of the schemas. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
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
    'a/text.md': 'One\n\n```diff edit=gone\n-a\n+b\n```\n\n[x](term:none)',
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
    for (const folder of ['/nowhere', write({ 'readme.txt': 'x' }), path.join(ROOT, 'package.json')]) {
      const [only] = report(folder)
      assert.equal(only!.playable, false)
      assert.equal(only!.path, folder)
    }
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
