/** What the editor asks about a sandbox, answered by a real one: bundles, folders, facts; and by a hostile one. */
import assert from 'node:assert/strict'
import { after, before, describe, test } from 'node:test'
import type { LabClient } from '../../components/session/lab-client.ts'
import type { Ask, BundleQuestion } from '../../server/protocol/index.ts'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
let client: LabClient
let shell: Shell
before(async () => {
  lab = await TestLab.start()
  client = (await connectLearner(lab)).client
  shell = await Shell.open(client)
})
after(async () => {
  stopLearners()
  await lab?.stop()
})

async function ask<W extends Ask['what']>(question: Extract<Ask, { what: W }>) {
  const answer = await client.ask(question)
  assert.equal(answer.what, question.what, JSON.stringify(answer))
  return answer as Extract<typeof answer, { what: W }>
}

const QUESTION: BundleQuestion = {
  rootfs: 'rootfs',
  program: { name: 'sh', path: ['/usr/bin', '/bin'] },
  cwd: '/',
  outside: [],
}
const bundle = async (question: Partial<BundleQuestion>, folder = '/tmp/b') =>
  (await ask({ what: 'bundle', bundle: folder, question: { ...QUESTION, ...question } })).facts

describe('bundles', () => {
  test('are found when they appear, and gone when they go, Docker’s last', async () => {
    client.watchBundles()
    await until('it is known that there are none', () => client.view.bundles?.length === 0)
    await shell.paste(
      'mkdir -p /tmp/b /root/x/rootfs && cd /tmp/b && runc spec && echo "{}" > /root/x/config.json',
    )
    // A config.json of something else.
    await shell.paste('mkdir /opt/other && echo "{}" > /opt/other/config.json')
    const paths = () => client.view.bundles?.map(({ path }) => path).join(' ')
    await until('both are found', () => paths() === '/root/x/config.json /tmp/b/config.json')
    await shell.paste('rm -r /root/x')
    await until('one is left', () => paths() === '/tmp/b/config.json')
  })
})

describe('facts about a bundle', () => {
  test('without a rootfs, with an empty one, with a link', async () => {
    await shell.paste('mkdir -p /tmp/b && cd /tmp/b')
    assert.equal((await bundle({})).rootfs.kind, 'missing')
    await shell.paste('mkdir rootfs')
    assert.deepEqual((await bundle({})).rootfs.empty, true)
    await shell.paste('rmdir rootfs && mkdir real && ln -s real rootfs')
    const { rootfs } = await bundle({})
    assert.deepEqual([rootfs.kind, rootfs.realPath, rootfs.empty], ['symlink', '/tmp/b/real', true])
    await shell.paste('rm rootfs && rm -r real')
  })

  test('programs: links are followed inside the rootfs, interpreters looked for there', async () => {
    await shell.paste(
      'mkdir -p rootfs/bin && cp /bin/busybox rootfs/bin/busybox && ln -s /bin/busybox rootfs/bin/sh && cp /usr/bin/env rootfs/bin/dynamic',
    )
    await shell.paste(
      `printf '#!/bin/nope\\n' > rootfs/bin/script && touch rootfs/bin/empty && chmod +x rootfs/bin/*`,
    )
    await shell.paste('echo text > rootfs/bin/text && ln -s ../../../../etc/passwd rootfs/bin/out')
    const program = async (name: string) =>
      (await bundle({ program: { name, path: ['/usr/bin', '/bin'] } })).programs
    const [missing, found] = await program('sh')
    assert.equal(missing!.kind, 'missing')
    assert.deepEqual(
      [found!.path, found!.kind, found!.format, found!.interpreter],
      ['/bin/sh', 'file', 'elf', null],
    )
    const dynamic = (await program('/bin/dynamic'))[0]!
    assert.match(dynamic.interpreter!, /^\/lib.*ld-linux/)
    assert.equal(dynamic.interpreterFound, false)
    const script = (await program('/bin/script'))[0]!
    assert.deepEqual(
      [script.format, script.interpreter, script.interpreterFound],
      ['script', '/bin/nope', false],
    )
    assert.equal((await program('/bin/empty'))[0]!.format, 'empty')
    const text = (await program('text'))[1]!
    assert.equal(text.mode! & 0o111, 0)
    // Out of the rootfs there is no way: the file would have to be in it.
    assert.equal((await program('/bin/out'))[0]!.kind, 'missing')
  })

  test('paths outside: of bind sources and hooks, relative ones below the bundle', async () => {
    await shell.paste('mkdir -p src && printf x > hook.sh && chmod 644 hook.sh')
    const { paths, cwd } = await bundle({
      outside: ['/tmp/b/src', 'src', '/tmp/b/hook.sh', '/nope/x'],
      cwd: '/nowhere',
    })
    assert.deepEqual(
      Object.entries(paths).map(([path, { kind, mode }]) => [path, kind, mode]),
      [
        ['/tmp/b/src', 'directory', 0o755],
        ['src', 'directory', 0o755],
        ['/tmp/b/hook.sh', 'file', 0o644],
        ['/nope/x', 'missing', undefined],
      ],
    )
    assert.equal(cwd!.kind, 'missing')
  })

  test('of a hostile sandbox come in time: rings of links, pipes, names with line ends, many files', async () => {
    await shell.paste(
      `mkdir -p /tmp/h/rootfs/bin && cd /tmp/h && ln -s b rootfs/bin/a && ln -s a rootfs/bin/b && mkfifo rootfs/bin/pipe`,
    )
    await shell.paste(
      `mkdir $'rootfs/new\\nline' && (cd rootfs && seq -f 'file-with-a-long-name-%g' 5000 | xargs touch)`,
    )
    const hostile = (name: string) => bundle({ program: { name, path: [] } }, '/tmp/h')
    assert.equal((await hostile('/bin/a')).programs[0]!.kind, 'missing')
    assert.equal((await hostile('/bin/pipe')).programs[0]!.kind, 'other')
    assert.ok((await hostile('/bin/a')).rootfs.entries!.length <= 64)
    const listing = await ask({ what: 'folder', path: '/tmp/h/rootfs' })
    assert.equal(listing.isCut, true)
    assert.equal(listing.entries!.length, 1000)
    await shell.paste('cd; rm -r /tmp/h')
  })
})

test('facts about the machine', async () => {
  const { facts } = await ask({ what: 'host' })
  assert.ok(['v1', 'v2', 'hybrid'].includes(facts.cgroup))
  assert.ok(facts.cpus! > 0)
  assert.ok(facts.capabilities.includes('CAP_KILL'))
  assert.ok(Number(facts.rlimits.RLIMIT_NOFILE) > 100)
  assert.ok(facts.filesystems.includes('tmpfs') && facts.filesystems.includes('overlay'))
  assert.ok(facts.controllers.includes('memory'))
  assert.equal(facts.userNamespace, true)
  assert.ok(facts.sysctls.includes('net.ipv4.ip_forward'))
  assert.ok(JSON.parse(facts.features).mountOptions.includes('rbind'))
})

test('folders and files, what is none and what is no text', async () => {
  await shell.paste(
    `mkdir -p /tmp/f/sub && cd /tmp/f && ln -s sub link && printf 'h\\303\\251' > text && printf '\\377' > bytes`,
  )
  const { entries } = await ask({ what: 'folder', path: '/tmp/f/' })
  assert.deepEqual(entries, [
    { name: 'link', isFolder: true },
    { name: 'sub', isFolder: true },
    { name: 'bytes', isFolder: false },
    { name: 'text', isFolder: false },
  ])
  assert.equal((await ask({ what: 'folder', path: '/tmp/f/text' })).entries, null)
  assert.equal((await ask({ what: 'file', path: '/tmp/f/text' })).text, 'hé')
  for (const none of ['/tmp/f/bytes', '/tmp/f/none', '/tmp/f', '/dev/zero'])
    assert.equal((await ask({ what: 'file', path: none })).text, null, none)
})

test('what runc spec writes, byte for byte', async () => {
  await shell.paste('mkdir -p /tmp/s && cd /tmp/s && rm -f config.json && runc spec')
  const { text } = await ask({ what: 'file', path: '/tmp/s/config.json' })
  assert.equal((await ask({ what: 'runc-spec' })).text, text)
  assert.match(text!, /"ociVersion": "1\.2\.1"/)
})

test('files that nobody looks at any more are not followed; a read-only one says so', async () => {
  await shell.paste(
    'mkdir -p /tmp/w && cd /tmp/w && echo 1 > a && echo ro > ro && mount --bind ro ro && mount -o remount,bind,ro ro',
  )
  const stop = client.watchFile('/tmp/w/a')
  const stopOther = client.watchFile('/tmp/w/a')
  await until('it is known', () => client.view.files['/tmp/w/a']?.state === 'text')
  stopOther()
  assert.ok(client.view.files['/tmp/w/a'])
  stop()
  assert.equal(client.view.files['/tmp/w/a'], undefined)
  client.watchFile('/tmp/w/ro')
  await until('it is read-only', () => {
    const file = client.view.files['/tmp/w/ro']
    return file?.state === 'text' && file.readOnly === true
  })
  await shell.paste('echo 2 > a; umount ro')
  assert.equal(client.view.files['/tmp/w/a'], undefined)
})
