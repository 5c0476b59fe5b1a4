/** Checks on meaning against a real container: each state that runc knows, and each fact of the kernel, held and not held. */
import assert from 'node:assert/strict'
import { chmodSync, existsSync } from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { newCookie, RawSocket } from '../helpers/client.ts'
import { sh } from '../helpers/exec.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { write } from './helpers.ts'

const STATES = ['created', 'running', 'paused', 'stopped', 'absent', 'present']
// Sandboxes have the host's version of cgroups.
const [version, other] = existsSync('/sys/fs/cgroup/cgroup.controllers') ? ['v2', 'v1'] : ['v1', 'v2']

const root = write({
  'real/index.json': {
    title: 'Real',
    details: { steps: ['kernel', ...STATES].map((title) => ({ title, text: `${title}/text.md` })) },
  },
  'real/lab.yaml': 'file: /tmp/demo/config.json',
  'real/kernel/text.md': 'facts',
  'real/kernel/lab.yaml': `checks:
  - runc: {id: nobody, status: running}
    when: ${other}
    else: This is for another version of cgroups.
  - kernel: {id: demo, pointer: /linux/resources/memory/limit}
    else: The limit is not in force.
  - kernel: {id: demo, proc: status, field: NoNewPrivs, equals: 1}
    else: New privileges are allowed.
  - kernel: {id: demo, proc: comm, matches: "^sleep"}
    else: It does not sleep.
  - kernel: {id: demo, cgroup: {v2: pids.max, v1: pids/pids.max}, equals: 77}
    when: ${version}
    else: Another number of processes is allowed.
  - kernel: {id: demo, proc: limits, matches: "Max open files +512 "}
    else: Too many files may be open.
`,
  ...Object.fromEntries(
    STATES.flatMap((status) => [
      [`real/${status}/text.md`, status],
      [`real/${status}/lab.yaml`, `checks: [{runc: {id: demo, status: ${status}}, else: not ${status}}]`],
    ]),
  ),
})
chmodSync(path.dirname(root), 0o755)

let lab: TestLab
let id: string
let socket: RawSocket
before(async () => {
  lab = await TestLab.start({ LESSONS_PATH: root })
  socket = await RawSocket.open(lab, await newCookie(lab))
  id = await socket.hello()
  await inside(`mkdir -p /tmp/demo/rootfs && cd /tmp/demo && runc spec
    cp --parents /bin/sleep $(ldd /bin/sleep | grep -o '/[^ ]*') rootfs`)
})
after(async () => {
  socket?.close()
  await lab?.stop()
})

async function inside(script: string): Promise<void> {
  const { status, stderr } = await sh(lab.provider(), id, script)
  assert.equal(status, 0, stderr)
}

/** Null if the check has passed. */
async function said(step: string): Promise<string | null> {
  socket.say({ type: 'watch-step', lesson: 'real', step })
  let check = await socket.next('check')
  while (check.step !== step) check = await socket.next('check')
  return check.passed ? null : check.message
}

/** Waits until the check says this: it may just have looked at the container of before. */
async function says(wanted: RegExp | null): Promise<void> {
  let last: string | null = ''
  await until(`the check says ${wanted}`, async () => {
    last = await said('kernel')
    return wanted === null ? last === null : last !== null && wanted.test(last)
  }).catch((error: Error) => {
    throw new Error(`${error.message}; it says: ${last}`)
  })
}

/** Gives config.json these settings, by a filter of jq, and starts the container anew. */
const run = (filter: string) =>
  inside(`cd /tmp/demo && runc delete -f demo 2>/dev/null
    jq '.process.terminal = false | ${filter}' config.json > new && mv new config.json
    runc run -d demo </dev/null >/dev/null 2>&1`)

test('facts of the kernel: what config.json asks for, /proc and cgroups, with what is the case', async () => {
  await says(/^The limit is not in force. \(there is no container demo\)$/)
  await run('.process.args = ["sleep", "600"] | .process.noNewPrivileges = false')
  await inside(
    `cd /tmp/demo && jq '.linux.resources.memory.limit = 67108864' config.json > new && mv new config.json`,
  )
  await says(/^The limit is not in force\. \(/)
  await run('.')
  await says(/^New privileges are allowed\. \(.*0/)
  await run('.process.noNewPrivileges = true')
  await says(/^Another number of processes is allowed\. \(/)
  await run('.linux.resources.pids.limit = 77')
  await says(/^Too many files may be open\./)
  await run('.process.rlimits = [{type: "RLIMIT_NOFILE", soft: 512, hard: 512}]')
  await says(null)
  await run('.process.args = ["/bin/sleep", "600"] | .linux.resources.pids.limit = 76')
  await says(/^Another number of processes is allowed\. \(.*76/)
})

test('states of runc: each is held by a container in it, and by no other', async () => {
  const held = async () => {
    const all = []
    for (const state of STATES) if ((await said(state)) === null) all.push(state)
    return all.join(' ')
  }
  await inside('runc delete -f demo')
  assert.equal(await held(), 'absent')
  assert.match((await said('running'))!, /^not running \(/)
  await inside('cd /tmp/demo && runc create demo </dev/null >/dev/null 2>&1')
  assert.equal(await held(), 'created present')
  await inside('runc start demo')
  assert.equal(await held(), 'running present')
  await inside('runc pause demo')
  assert.equal(await held(), 'paused present')
  await inside(
    'runc resume demo && runc kill demo KILL && while [ "$(runc state demo | jq -r .status)" != stopped ]; do sleep 0.05; done',
  )
  assert.equal(await held(), 'stopped present')
})
