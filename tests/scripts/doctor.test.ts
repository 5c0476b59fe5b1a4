/** The doctor: all its checks speak up, in words and as JSON, and it knows which runc is dangerous. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { test } from 'node:test'
import { load, plainEnv, ROOT, run } from './helpers/run.ts'

const doctor = path.join(ROOT, 'scripts/doctor.mjs')

const NAMES = [
  'operating system',
  'Node',
  'root',
  'disk',
  'memory',
  'swap',
  'chromium',
  'kernel',
  'user namespaces',
  'overlay',
  'loop devices',
  'tun',
  'fuse',
  'cgroups',
  'cgroup memory',
  'cgroup pids',
  'cgroup cpu',
  'runc of the lab',
  'runc of the system',
  'fs.inotify.max_user_instances',
  'kernel.keys.maxkeys',
  'kernel.pid_max',
  'open files (ulimit -n)',
  'processes of this cgroup',
]

type Finding = { name: string; level: string; found: string; todo?: string }

test('--json has every check, and says what to do about each that is not well', async () => {
  const { code, output } = await run([process.execPath, doctor, '--json'])
  const findings: Finding[] = JSON.parse(output)
  assert.deepEqual(findings.map(({ name }) => name).sort(), NAMES.toSorted())
  for (const { name, level, found, todo } of findings) {
    assert.match(level, /^(ok|warn|fail|info)$/, name)
    assert.ok(found, name)
    assert.equal(todo !== undefined, level === 'warn' || level === 'fail', name)
  }
  assert.equal(code, findings.some(({ level }) => level === 'fail') ? 1 : 0)
})

test('in words: one line each', async () => {
  const { output } = await run([process.execPath, doctor])
  for (const name of NAMES) assert.ok(output.includes(`  ${name}: `), name)
  assert.match(output, /\d+ ok, \d+ to consider, \d+ to mend/)
})

test('something to mend makes exit code 1', async (t) => {
  const nobody = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups']
  const readable = await run([...nobody, process.execPath, '-e', `require('fs').readFileSync('${doctor}')`])
  if (readable.code !== 0) return t.skip('user 65534 cannot read this checkout')
  const { code, output } = await run([...nobody, process.execPath, doctor], { env: plainEnv(), cwd: '/' })
  assert.equal(code, 1)
  assert.match(output, /^fail {2}root: no, this is user 65534/m)
})

test('which runc has known ways out', async () => {
  const { vulnerable } = await load('doctor/runc.mjs')
  for (const version of [
    '1.1.5+ds1',
    '1.2.8',
    '1.3.0',
    '1.3.5',
    '1.4.0-rc.3',
    '1.4.2',
    '1.4.3-rc.1',
    '1.0.0-rc93',
    'unknown',
  ]) {
    assert.equal(vulnerable(version), true, version)
  }
  for (const version of ['1.3.6', '1.3.6+ds1', '1.4.3', '1.5.1', '2.0.0']) {
    assert.equal(vulnerable(version), false, version)
  }
})
