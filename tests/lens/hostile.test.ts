/** A learner who is root in the sandbox and means harm: whatever they plant, only their own lens is fooled. */
import assert from 'node:assert/strict'
import { after, afterEach, before, test } from 'node:test'
import { plain } from '../../components/lens/plain-text.ts'
import type { LensView } from '../../server/protocol/index.ts'
import { until } from '../helpers/until.ts'
import { LensBox } from './lens-box.ts'

let box: LensBox

before(async () => {
  box = await LensBox.start()
})
after(() => box?.stop())
afterEach(() => box?.closeTabs())

const newest = (tab: ReturnType<LensBox['watch']>) =>
  tab.messages.findLast((message): message is LensView => message.type === 'lens')

test('hostile names arrive as they are, and are shown as plain text', async () => {
  const tab = box.watch()
  await box.sh(
    String.raw`mkdir -p $'/run/runc/a\nb\e[31m' '/run/runc/<img src=x onerror=alert(1)>' $'/run/runc/\u202egnp.exe' && cd /run/runc && for each in *; do echo '{}' > "$each/state.json"; done`,
  )
  const view = await until('all are seen', () =>
    (newest(tab)?.containers.length ?? 0) >= 3 ? newest(tab) : null,
  )
  const ids = view.containers.map(({ id }) => id)
  assert.ok(ids.includes('<img src=x onerror=alert(1)>'))
  for (const id of ids) assert.doesNotMatch(plain(id), /[\p{Cc}\p{Cf}]/u)
  await box.sh('rm -rf /run/runc/*')
  tab.close()
})

test('a FIFO, a device, a directory, a link and nonsense instead of state.json say that they cannot be read', async () => {
  const tab = box.watch()
  await box.sh(`cd /run/runc && mkdir fifo device directory link nonsense huge && mkfifo fifo/state.json && mkdir directory/state.json &&
    ln -s /dev/zero device/state.json && ln -s /proc/self/mem link/state.json && head -c 3000 /dev/urandom > nonsense/state.json &&
    printf '{"init_process_pid":1,"init_process_start":0,"created":"x","config":{"labels":["bundle=/dev"]},"cgroup_paths":{"memory":"/dev"}}' > huge/state.json && truncate -s 3G huge/state.json`)
  const view = await until('all are seen', () =>
    newest(tab)?.containers.filter(({ phase }) => phase !== 'gone').length === 6 ? newest(tab) : null,
  )
  for (const { dir, phase } of view.containers) {
    if (phase === 'gone') continue
    tab.look([dir])
    await until(`${dir} is read`, () =>
      tab.messages.some((message) => message.type === 'lens-readings' && message.dir === dir),
    )
  }
  const fifo = tab.messages.findLast(
    (message) => message.type === 'lens-readings' && message.dir === '/run/runc/fifo',
  )
  assert.ok(fifo?.type === 'lens-readings')
  assert.deepEqual(fifo.readings['b /run/runc/fifo/state.json'], { error: 'it is not a regular file' })
  await box.sh('rm -rf /run/runc/*')
  tab.close()
})

test('10,000 containers: some are followed, the rest is counted, real ones still work', async () => {
  await box.run('real')
  const tab = box.watch()
  await until('the real one is seen', () =>
    newest(tab)?.containers.some(({ id, phase }) => id === 'real' && phase === 'running'),
  )
  await box.sh('cd /run/runc && seq -f "many-%g" 10000 | xargs mkdir', { timeoutMs: 60_000 })
  const view = await until(
    'they are counted',
    () => ((newest(tab)?.more ?? 0) > 9000 ? newest(tab) : null),
    30_000,
  )
  assert.ok(view.containers.length <= 140)
  assert.equal((await box.look('real')).container.phase, 'running')
  await box.sh('find /run/runc -maxdepth 1 -name "many-*" -exec rm -rf {} +', { timeoutMs: 60_000 })
  await until('they are gone', () => newest(tab)?.more === 0, 30_000)
  await box.sh('runc delete -f real')
  tab.close()
})

test('a file that never answers ends the collector; the lens says so, and goes on when it is gone', async () => {
  const tab = box.watch()
  await until('the lens looks', () => newest(tab)?.state === 'live')
  // Stopped, it answers as little as if a file system held it.
  await box.run('stuck')
  await box.look('stuck')
  tab.look(['/run/runc/stuck'])
  await box.sh('pkill -STOP -f "^/usr/lib/runclab/lens"')
  const failed = await until(
    'the lens says so',
    () => (newest(tab)?.state === 'failed' ? newest(tab) : null),
    30_000,
  )
  assert.match(failed.why, /could not read/)
  await until('it goes on', () => newest(tab)?.state === 'live', 30_000)
  await box.sh('pkill -KILL -f "^/usr/lib/runclab/lens"; runc delete -f stuck')
  await until('it goes on once more', () => newest(tab)?.state === 'live', 30_000)
  tab.close()
})

test('a collector of the learner’s own: nonsense, floods and silence are borne', async () => {
  const fake = async (script: string) => {
    const tab = box.watch()
    await box.sh(
      `pkill -KILL -f "^/usr/lib/runclab/lens"; cp -n /usr/lib/runclab/lens /usr/lib/runclab/lens.real; rm /usr/lib/runclab/lens; printf '%s\n' '#!/bin/sh' '${script}' > /usr/lib/runclab/lens; chmod +x /usr/lib/runclab/lens`,
      { fails: true },
    )
    await until('it is refused', () => newest(tab)?.state === 'failed', 30_000)
    tab.close()
  }
  await fake('head -c 1000000 /dev/urandom')
  await fake('yes')
  await fake(String.raw`printf "\006\000\000\000H\000\000\000\0001"; cat /dev/zero`)
  await box.sh('mv -f /usr/lib/runclab/lens.real /usr/lib/runclab/lens')
  const tab = box.watch()
  await until('the real one is heard again', () => newest(tab)?.state === 'live', 40_000)
  tab.close()
})

test('a lying runc changes what its owner sees, and nothing else', async () => {
  await box.run('truth')
  await box.sh(
    `cd /run/runc/truth && jq '.init_process_pid = 1 | .config.labels = ["bundle=/etc/../proc/1/root"]' state.json > /tmp/lie && cp /tmp/lie state.json`,
  )
  const look = await box.lens.ask('truth')
  assert.ok(look === null || look.rows.length >= 0)
  await box.sh('rm -rf /run/runc/truth')
})
