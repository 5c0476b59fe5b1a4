/** Completion and common changes: on a real file, in every place, with text that can still be read afterwards. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { describe, test } from 'node:test'
import { complete } from '../../spec/complete/index.ts'
import { TASKS } from '../../spec/complete/tasks.ts'
import { lint } from '../../spec/lint/index.ts'
import { applyEdits } from '../../spec/text.ts'

const RUNC_SPEC = fs.readFileSync(new URL('files/runc-spec.json', import.meta.url), 'utf8')

/** What is offered where `|` stands. */
function offered(marked: string, machine = {}) {
  const offset = marked.indexOf('|')
  const text = marked.replace('|', '')
  const { replace, items } = complete(text, offset, machine)
  const labels = items.map(({ label }) => label)
  const take = (label: string) => {
    const item = items.find((each) => each.label === label)
    assert.ok(item, `${label} is offered`)
    // As an editor would: the first choice, the word given, or nothing.
    const plain = item.insert
      .replace(/\$\{\d\|([^,|]*)[^}]*\}/g, '$1')
      .replace(/\$\{\d:([^}]*)\}/g, '$1')
      .replace(/\$\d/g, '')
    return applyEdits(text, [{ ...replace, text: plain }])
  }
  return { labels, take }
}

describe('completion', () => {
  test('of keys: those that are not there yet, with the comma that is needed', () => {
    const { labels, take } = offered('{ "process": { "cwd": "/", "|" } }')
    assert.ok(labels.includes('args') && labels.includes('noNewPrivileges'))
    assert.ok(!labels.includes('cwd') && !labels.includes('linux'))
    assert.equal(take('args'), '{ "process": { "cwd": "/", "args": [""] } }')
    const first = offered('{ "process": { | "cwd": "/" } }')
    assert.equal(first.take('terminal'), '{ "process": { "terminal": true, "cwd": "/" } }')
    const last = offered('{ "process": { "cwd": "/" | } }')
    assert.equal(last.take('terminal'), '{ "process": { "cwd": "/" ,"terminal": true } }')
  })

  test('of keys over others: only the key is replaced', () => {
    assert.equal(offered('{ "hostnam|": "x" }').take('hostname'), '{ "hostname": "x" }')
  })

  test('of values: words from the list of the field', () => {
    assert.deepEqual(offered('{ "process": { "terminal": | } }').labels, ['true', 'false'])
    assert.ok(offered('{ "linux": { "namespaces": [ { "type": "|" } ] } }').labels.includes('cgroup'))
    assert.ok(offered('{ "mounts": [ { "options": ["nosuid", "|"] } ] }').labels.includes('rbind'))
    assert.ok(!offered('{ "mounts": [ { "options": ["nosuid", "|"] } ] }').labels.includes('nosuid'))
    assert.ok(
      offered('{ "linux": { "seccomp": { "syscalls": [ { "names": ["|"] } ] } } }').labels.includes(
        'mkdirat',
      ),
    )
    assert.ok(
      offered('{ "linux": { "seccomp": { "defaultAction": "|" } } }').labels.includes('SCMP_ACT_ERRNO'),
    )
  })

  test('of what the machine has, where it has said so', () => {
    const machine = { capabilities: ['CAP_KILL'], sysctls: ['net.ipv4.ip_forward'], mountOptions: ['ro'] }
    assert.deepEqual(offered('{ "process": { "capabilities": { "bounding": ["|"] } } }', machine).labels, [
      'CAP_KILL',
    ])
    assert.deepEqual(offered('{ "linux": { "sysctl": { "|" } } }', machine).labels, ['net.ipv4.ip_forward'])
    assert.deepEqual(offered('{ "mounts": [ { "options": ["|"] } ] }', machine).labels, ['ro'])
  })

  test('of whole entries, which can be read as they come', () => {
    const { take } = offered('{ "mounts": [ | ] }')
    const mount = JSON.parse(take('bind mount')).mounts[0]
    assert.deepEqual(mount.options, ['rbind', 'ro'])
  })

  test('never fails, wherever the cursor is', () => {
    for (let offset = 0; offset <= RUNC_SPEC.length; offset += 3) complete(RUNC_SPEC, offset)
    const broken = RUNC_SPEC.slice(0, 700)
    for (let offset = 0; offset <= broken.length; offset += 7) complete(broken, offset)
  })
})

describe('common changes', () => {
  for (const { id, edits, pointer } of TASKS) {
    test(`${id}: runc would take the result, and nothing else has changed`, () => {
      const made = edits(RUNC_SPEC)
      const text = applyEdits(RUNC_SPEC, made)
      assert.notEqual(text, RUNC_SPEC)
      JSON.parse(text)
      assert.deepEqual(
        lint(text).filter(({ severity }) => severity === 'refused'),
        [],
      )
      // Lines that the edits do not touch are still there, as they were.
      const touched = made.reduce((sum, { from, to }) => sum + to - from, 0)
      assert.ok(touched < RUNC_SPEC.length / 5 || id === 'no-capabilities', `${touched} characters replaced`)
      assert.ok(pointer.startsWith('/'))
    })
  }

  test('also fit an empty file', () => {
    for (const { id, edits } of TASKS) {
      if (id === 'host-network') continue
      JSON.parse(applyEdits('{}', edits('{}')))
    }
  })
})
