/** Attacks on the lab's own reading and writing of a learner's files: links, races, and files that never end. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, test } from 'node:test'
import { AgentChannel, type AgentFile } from '../../server/host/agent/channel.ts'
import type { SandboxProvider } from '../../server/host/providers/provider.ts'
import { RawSocket } from '../helpers/client.ts'
import { sh } from '../helpers/exec.ts'
import { TestLab } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'

const SECRET = 'canary-of-the-host'
/** On the host only; readable for everybody there. */
let canary = ''
let lab: TestLab
let provider: SandboxProvider
let tab: RawSocket
let other: RawSocket
let id: string

before(async () => {
  lab = await TestLab.start({}, { web: false })
  provider = lab.provider()
  canary = path.join(lab.dir, 'canary.json')
  fs.writeFileSync(canary, `{"secret": "${SECRET}"}`)
  tab = await RawSocket.openHost(lab.hostSocket, 'attacker')
  other = await RawSocket.openHost(lab.hostSocket, 'neighbour')
  id = await tab.hello()
  await other.hello()
})
after(async () => {
  tab?.close()
  other?.close()
  await lab?.stop()
})

const inside = async (script: string) => {
  const { status, stderr } = await sh(provider, id, script)
  assert.equal(status, 0, `${script}: ${stderr}`)
}

/** What the lab says the file is. */
async function look(file: string) {
  tab.say({ type: 'watch-file', path: file })
  for (;;) {
    const view = (await tab.next('file')).file
    if (view.path === file) return view
  }
}

test('15. a config.json that leads to a file of the host shows what is there in the sandbox, or nothing', async () => {
  await inside(`mkdir -p /root/15/dir && cd /root/15
    ln -s ${canary} absolute; ln -s ../../../../../../../../..${canary} relative; ln -s ${lab.dir} folder; ln -s / root
    ln -s /proc/self/root${canary} magic; ln -s /proc/1/root${canary} first; ln -s /etc/shadow shadow; ln -s loop loop`)
  const names = [
    'absolute',
    'relative',
    'folder/canary.json',
    `root${canary}`,
    'magic',
    'first',
    'loop',
    'dir',
  ]
  for (const name of [...names, `dir/../../..${canary}`]) {
    const view = await look(`/root/15/${name}`)
    assert.notEqual(view.state, 'text', name)
    assert.doesNotMatch(JSON.stringify(view), new RegExp(SECRET), name)
  }
  const shadow = await look('/root/15/shadow')
  assert.equal(shadow.state, 'text')
  assert.notEqual(shadow.state === 'text' && shadow.text, fs.readFileSync('/etc/shadow', 'utf8'), 'their own')
})

test('16. nor does one that is exchanged for a link again and again, in 10 000 looks', async () => {
  const command = provider.command(id, ['/usr/lib/runclab/agent'], { tty: false, cwd: '/' })
  const child = spawn(command.file, command.args, { stdio: ['pipe', 'pipe', 'ignore'] })
  const channel = new AgentChannel({ stdin: child.stdin, stdout: child.stdout }, () => {})
  await channel.ready()
  // A folder and a link to the host's folder of the same names change places without a pause.
  await inside(`mkdir -p /root/16/now && cd /root/16 && echo mine > now/canary.json && ln -s ${lab.dir} then`)
  const { file, args } = provider.command(
    id,
    [
      '/usr/bin/perl',
      '-e',
      `my ($x, $y) = ("/root/16/now", "/root/16/then"); until (-e "/root/16/stop") { syscall(${process.arch === 'x64' ? 316 : 276}, -100, $x, -100, $y, 2) }`,
    ],
    { tty: false },
  )
  const racer = spawn(file, args, { stdio: 'ignore' })
  const seen = { text: 0, other: 0 }
  let leaks = 0
  const glance = () =>
    new Promise<void>((resolve) => {
      const stop = channel.watch('/root/16/now/canary.json', (view: AgentFile) => {
        if (Buffer.from(JSON.stringify(view)).includes(SECRET)) leaks++
        if ('bytes' in view && Buffer.from(view.bytes).includes(SECRET)) leaks++
        seen['bytes' in view ? 'text' : 'other']++
        stop()
        resolve()
      })
    })
  for (let i = 0; i < 10_000; i += 100) await Promise.all(Array.from({ length: 100 }, glance))
  await inside('touch /root/16/stop')
  channel.close()
  child.kill()
  racer.kill()
  assert.equal(leaks, 0)
  assert.ok(seen.text + seen.other >= 10_000)
  assert.ok(seen.text > 0 && seen.other > 0, `the race was on: ${JSON.stringify(seen)}`)
})

test('17. saving through a folder that leads to the host changes nothing there', async () => {
  await inside(
    `mkdir -p /root/17 && cd /root/17 && ln -s ${lab.dir} folder && ln -s ${canary} file && ln -s /proc/1/root up`,
  )
  const before = fs.statSync(canary)
  let request = 0
  for (const file of [
    '/root/17/folder/canary.json',
    '/root/17/folder/new.json',
    '/root/17/file',
    `/root/17/up${canary}`,
  ]) {
    const seen = tab.messages.length
    tab.say({ type: 'save-file', request: ++request, path: file, base: null, text: 'overwritten' })
    const answered = () =>
      tab.messages
        .slice(seen)
        .some(
          (m) => ('request' in m && m.request === request) || (m.type === 'error' && m.re === 'save-file'),
        )
    await until(`${file} is answered`, answered)
  }
  assert.match(fs.readFileSync(canary, 'utf8'), new RegExp(SECRET))
  const { ino, mtimeMs, uid } = fs.statSync(canary)
  assert.deepEqual([ino, mtimeMs, uid], [before.ino, before.mtimeMs, before.uid])
  assert.ok(!fs.existsSync(path.join(lab.dir, 'new.json')))
})

test('18. a file that never ends is refused, and the neighbour is answered meanwhile', async () => {
  await inside(`mkdir -p /root/18 && cd /root/18 && mkfifo pipe && ln -s /dev/zero zero && ln -s /dev/tty tty && ln -s /dev/random random
    truncate -s 10T sparse || truncate -s 1900G sparse || truncate -s 10G sparse; head -c 900M /dev/zero | tr '\\0' ' ' > json; mkdir folder`)
  for (const name of ['pipe', 'zero', 'tty', 'random', 'sparse', 'json', 'folder']) {
    const asked = look(`/root/18/${name}`)
    other.say({ type: 'watch-file', path: `/root/of-${name}` })
    const answer = await Promise.race([asked, other.next('file').then(() => null)])
    if (answer === null) await asked
    const view = await asked
    assert.equal(view.state, 'unreadable', `${name}: ${JSON.stringify(view).slice(0, 200)}`)
  }
})

test('18. a file system of the learner that does not answer stops nobody else', async (t) => {
  const usable = await sh(provider, id, ': < /dev/fuse > /dev/fuse')
  if (usable.status !== 0)
    return t.skip(`FUSE cannot be used in a sandbox of this host: ${usable.stderr.trim()}`)
  // The mount is there, and whoever looks into it waits for a program that never answers.
  await inside(
    `mkdir -p /root/hang && perl -e 'open(F, "+<", "/dev/fuse") or die; my $o = sprintf("fd=%d,rootmode=40000,user_id=0,group_id=0", fileno F); require Fcntl; fcntl(F, 2, 0); exec "sh", "-c", "mount -i -t fuse -o $o none /root/hang && (sleep 600 <&" . fileno(F) . " >/dev/null 2>&1 &)"' `,
  )
  tab.say({ type: 'watch-file', path: '/root/hang/config.json' })
  other.say({ type: 'watch-file', path: '/root/while-it-hangs' })
  await until(
    'the neighbour is answered',
    () => other.messages.some((m) => m.type === 'file' && m.file.path === '/root/while-it-hangs'),
    3000,
  )
})
