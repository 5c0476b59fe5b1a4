/** Before the attacks: what lessons live on works. A wall that nobody can work behind proves nothing. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { test } from 'node:test'
import { neighbours } from './helpers/attack.ts'

const { provider, a, b, says } = neighbours()

test('a container by hand: runc spec, runc run', async () => {
  const script = `mkdir -p /tmp/b/rootfs/bin && cp /bin/busybox /tmp/b/rootfs/bin/sh && cd /tmp/b && runc spec &&
    jq '.process.terminal = false | .process.args = ["sh", "-c", "read name < /proc/1/comm; echo $$ $name"]' config.json > new &&
    mv new config.json && runc run inner`
  assert.equal(await says(a, script), '1 sh')
})

test('namespaces by hand: unshare -Urmpf --mount-proc', async () => {
  const lines = (await says(a, 'unshare -Urmpf --mount-proc ps -e -o pid=,comm=')).split('\n')
  assert.deepEqual(
    lines.map((line) => line.trim()),
    ['1 ps'],
  )
})

test('into the namespaces of another process: nsenter --all', async () => {
  assert.equal(await says(a, 'nsenter --all --target 1 echo works'), 'works')
})

test('dockerd, an image from a tarball, a container on its bridge network', async () => {
  const script = `docker save busybox -o /tmp/busybox.tar && docker rmi -f busybox >/dev/null &&
    docker load -q -i /tmp/busybox.tar >/dev/null && docker run --rm --network bridge busybox ip -4 -o address show eth0`
  assert.match(await says(a, script), /inet 172\.\d+\.\d+\.\d+/)
})

test('docker run --privileged', async () => {
  const script =
    'mount -t tmpfs none /tmp && mount -t proc proc /proc && grep CapEff /proc/self/status && echo works'
  assert.match(await says(a, `docker run --rm --privileged busybox sh -c '${script}'`), /works$/)
})

test('docker run --memory really limits', async () => {
  const eat = 'dd if=/dev/zero of=/dev/null bs=100M count=1'
  const status = async (memory: string) =>
    await says(a, `docker run --rm --network none --memory ${memory} busybox ${eat} >/dev/null 2>&1; echo $?`)
  assert.equal(await status('200m'), '0')
  assert.equal(await status('32m'), '137')
})

test('a new terminal opens after cgroups were nested', async () => {
  const { file, args } = provider.command(a, ['/bin/bash', '-c', 'tty; stty size'], { tty: true })
  // script(1) has the pty that node-pty would have.
  const shell = [file, ...args].map((word) => `'${word}'`).join(' ')
  const output = execFileSync('script', ['--quiet', '--command', shell, '/dev/null'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  assert.match(output, /\/dev\/pts\/\d+\r\n\d+ \d+/)
})

test('the neighbour can do all that too', async () => {
  assert.equal(await says(b, 'docker run --rm --privileged busybox echo works'), 'works')
})
