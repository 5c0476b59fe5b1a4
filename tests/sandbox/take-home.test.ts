/** What learners take home works: the script repeats the whole course on a fresh machine, and the file is the one it ends with. */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import path from 'node:path'
import { test } from 'node:test'
import { loadFolder } from '../../server/lessons/load.ts'
import { finishedFile, script } from '../../server/lessons/take-home.ts'
import { ROOT, testProvider } from '../helpers/lab.ts'

const lesson = loadFolder(path.join(ROOT, 'lessons/runc-by-hand'))

test('the script does all twenty steps, and every check passes', async (t) => {
  const { provider, dispose } = testProvider()
  t.after(dispose)
  const id = 'takehometakehome0001'
  await provider.create(id, 'owner')
  t.after(() => provider.destroy(id))
  const run = (argv: string[], input = '') => {
    const { file, args } = provider.command(id, argv, { tty: false, cwd: '/root' })
    return spawnSync(file, args, { input, encoding: 'utf8', timeout: 120_000 })
  }
  assert.equal(run(['bash', '-c', 'cat >course.sh'], script(lesson)).status, 0)
  const { status, stdout, stderr } = run(['bash', '-c', 'bash course.sh -y </dev/null 2>&1'])
  assert.equal(status, 0, `${stdout}${stderr}`)
  assert.equal(stdout.match(/^Step done\.$/gm)?.length, lesson.steps.length)
  for (const { title } of lesson.steps) assert.ok(stdout.includes(title))

  const made = JSON.parse(run(['cat', '/tmp/mycontainer/config.json']).stdout)
  const finished = JSON.parse(finishedFile(lesson)!)
  // On cgroup v2 runc writes one more namespace.
  for (const { linux } of [made, finished])
    linux.namespaces = linux.namespaces.filter(({ type }: { type: string }) => type !== 'cgroup')
  assert.deepEqual(made, finished)
})
