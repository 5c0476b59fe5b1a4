/** Every line that a lesson gives works exactly as it stands there, pasted into a learner's own shell. */
import assert from 'node:assert/strict'
import { after, before, describe, type TestContext, test } from 'node:test'
import { connectLearner, type Learner } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { PROMPT, Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start()
})
after(() => lab?.stop())

/** A learner with a sandbox and a shell of their own. */
async function learn(t: TestContext): Promise<{ learner: Learner; shell: Shell }> {
  const learner = await connectLearner(lab)
  t.after(() => learner.stop())
  return { learner, shell: await Shell.open(learner.client) }
}

/** Pastes it and asserts that it ends with status 0. */
async function works(shell: Shell, command: string): Promise<string> {
  const output = await shell.paste(command)
  assert.equal(await shell.status(), 0, `${command}: ${output}`)
  return output
}

test('the opening of the lesson, line by line, and the container from a second terminal', async (t) => {
  const { learner, shell } = await learn(t)
  assert.match(await shell.paste('systemctl is-active docker'), /^inactive$/m)
  assert.equal(await shell.paste('pgrep -l dockerd; pgrep -l containerd'), '')

  assert.equal(await works(shell, 'systemctl start docker'), '')
  assert.match(await shell.paste('systemctl is-active docker'), /^active$/m)
  const version = await works(shell, 'docker version')
  assert.match(version, /Client:[\s\S]+Server:/)
  await works(shell, 'sudo su')
  assert.match(await works(shell, 'id -un'), /^root$/m)
  await works(shell, 'mkdir -p /tmp/mycontainer/rootfs')
  const tar = await works(
    shell,
    'cd /tmp/mycontainer && docker export $(docker create busybox) | tar -C rootfs -xvf -',
  )
  assert.match(tar, /^bin\/sh$/m)
  const ls = await works(shell, 'ls -l rootfs')
  for (const folder of ['bin', 'etc', 'proc', 'sys', 'dev'])
    assert.match(ls, new RegExp(`^d.* ${folder}$`, 'm'))
  assert.equal(await works(shell, 'runc spec'), '')
  assert.match(await works(shell, 'jq . config.json'), /"ociVersion": "1\.2\.1"/)

  shell.type('runc run demo\r')
  await shell.until(/\n(\/ # )+$/)
  assert.match(await shell.paste('hostname', { prompt: /\/ # $/ }), /^runc$/m)

  const second = await Shell.open(learner.client, 2)
  assert.match(await works(second, 'runc list'), /^demo +\d+ +running +\/tmp\/mycontainer /m)
  const state = JSON.parse(await works(second, 'runc state demo'))
  assert.deepEqual([state.id, state.status, state.bundle], ['demo', 'running', '/tmp/mycontainer'])
  const ps = await works(second, 'runc exec demo ps')
  assert.match(ps, /^ +1 root .* sh$/m)
  assert.match(ps, / ps$/m)
  await works(second, 'runc kill demo KILL')
  await shell.until(PROMPT)
  assert.equal(await shell.status(), 137)
  // It ran in the foreground, so the runtime has deleted it with its end.
  assert.match(await second.paste('runc delete demo'), /container does not exist/)
  assert.match(await works(second, 'runc list'), /^ID[^\n]*\n$/)
})

test('a container in the background stays after its end, until it is deleted', async (t) => {
  const { shell } = await learn(t)
  await works(shell, 'mkdir -p /tmp/mycontainer/rootfs')
  await works(shell, 'cd /tmp/mycontainer && docker export $(docker create busybox) | tar -C rootfs -xf -')
  await works(shell, 'runc spec')
  await works(
    shell,
    `jq '.process.terminal = false | .process.args = ["sleep", "1000"]' config.json > x && mv x config.json`,
  )
  await works(shell, 'runc run --detach demo < /dev/null > /dev/null 2>&1')
  assert.match(await works(shell, 'runc list'), /^demo +\d+ +running /m)
  for (const [verb, status] of [
    ['pause', 'paused'],
    ['resume', 'running'],
  ]) {
    await works(shell, `runc ${verb} demo`)
    assert.match(await works(shell, 'runc list'), new RegExp(`^demo +\\d+ +${status} `, 'm'))
  }
  await works(shell, 'runc kill demo KILL')
  await until('it is stopped', async () => /stopped/.test(await shell.paste('runc list')))
  await works(shell, 'runc delete demo')
  assert.match(await works(shell, 'runc list'), /^ID[^\n]*\n$/)
})

test('a container with a memory limit of its own is held to it', async (t) => {
  const { shell } = await learn(t)
  await works(shell, 'mkdir -p /tmp/mycontainer/rootfs && cd /tmp/mycontainer')
  await works(shell, 'docker export $(docker create busybox) | tar -C rootfs -xf -; runc spec')
  // 50 MB kept in memory, once with less and once with more than that allowed.
  const eat = '["sh", "-c", "x=$(yes | head -c 49999999)x; echo fine"]'
  for (const [limit, status] of [
    [20, 137],
    [400, 0],
  ] as const) {
    await works(
      shell,
      `jq '.process.terminal = false | .linux.resources.memory = {limit: ${limit * 1_000_000}} | .process.args = ${eat}' config.json > x && mv x config.json`,
    )
    await shell.paste('runc run limited < /dev/null')
    const ended = await shell.status()
    assert.equal(ended, status, `with a limit of ${limit} MB`)
    await shell.paste('runc delete --force limited')
  }
  const docker = "docker run --rm -m 20m busybox sh -c 'x=$(yes | head -c 49999999)x; echo fine'"
  await shell.paste(docker)
  assert.equal(await shell.status(), 137)
  assert.match(await works(shell, docker.replace('20m', '400m')), /^fine$/m)
})

test('the first docker command starts Docker by itself', async (t) => {
  const { shell } = await learn(t)
  assert.match(await shell.paste('systemctl is-active docker'), /^inactive$/m)
  assert.match(await works(shell, 'docker run --rm busybox id'), /^uid=0\(root\) gid=0\(root\)/m)
  assert.match(await works(shell, 'docker run --rm --privileged busybox id'), /^uid=0\(root\) gid=0\(root\)/m)
  assert.match(await works(shell, 'docker images'), /^busybox +latest /m)
  assert.match(await works(shell, 'systemctl status docker'), /active \(running\)/)
})

test('Docker that was stopped stays stopped until somebody starts it', async (t) => {
  const { shell } = await learn(t)
  await works(shell, 'systemctl start docker')
  await works(shell, 'systemctl stop docker')
  assert.match(await shell.paste('docker ps'), /Cannot connect to the Docker daemon/)
  assert.equal(await shell.status(), 1)
  assert.match(await shell.paste('systemctl is-active docker'), /^inactive$/m)
  await works(shell, 'systemctl restart docker')
  await works(shell, 'docker ps')
})

test('Docker that was killed is started again by the next docker command', async (t) => {
  const { shell } = await learn(t)
  await works(shell, 'docker ps')
  await works(shell, 'kill -KILL $(cat /run/docker.pid)')
  await until('it is dead', async () => /^inactive$/m.test(await shell.paste('systemctl is-active docker')))
  await works(shell, 'docker ps')
  assert.match(await works(shell, 'docker run --rm busybox echo alive'), /^alive$/m)
})

test('two docker commands at once start one Docker', async (t) => {
  const { shell } = await learn(t)
  await works(shell, '(docker ps & docker ps; wait) | grep -c CONTAINER')
  assert.equal((await works(shell, 'pgrep -x dockerd')).trim().split('\n').length, 1)
})

test('namespaces by hand', async (t) => {
  const { shell } = await learn(t)
  const ps = await works(shell, 'unshare -Urmpf --mount-proc ps')
  assert.match(ps, /^ +1 pts\/\d+ +[\d:]+ ps$/m)
  assert.equal(ps.trim().split('\n').length, 2)
})

test('downloading Docker fails at once and in curl’s own words', async (t) => {
  const { shell } = await learn(t)
  const began = performance.now()
  assert.match(await shell.paste('curl -fsSL https://get.docker.com -o get-docker.sh'), /^curl: \(6\) /m)
  const tookMs = performance.now() - began
  assert.equal(await shell.status(), 6)
  assert.ok(tookMs < 3000, `${tookMs} ms`)
})

test('systemctl says honestly what it is', async (t) => {
  const { shell } = await learn(t)
  assert.match(await shell.paste('systemctl start nginx'), /nginx not found: this sandbox has no systemd/)
  assert.equal(await shell.status(), 5)
  assert.match(await shell.paste('systemctl list-units'), /no systemd/)
  assert.equal(await shell.status(), 1)
})

describe('the tools', () => {
  test('are all there', async (t) => {
    const { shell } = await learn(t)
    const tools =
      'runc docker jq nano vim less ip ps lsns nsenter unshare capsh strace tree curl busybox sudo'
    const found = await shell.paste(
      `for tool in ${tools}; do command -v $tool > /dev/null || echo no $tool; done`,
    )
    assert.equal(found, '')
    for (const command of [
      'jq --version',
      'nano --version',
      'vim --version',
      'lsns',
      'capsh --print',
      'tree /etc/docker',
      'strace -c true',
      'ip addr',
      'nsenter -t 1 --all true',
    ])
      await works(shell, command)
    assert.match(await works(shell, 'runc --version'), /^runc version 1\.3\./m)
  })

  test('the prompt, completion and history are those of a friendly shell', async (t) => {
    const { shell } = await learn(t)
    assert.match(shell.screen, /root@lab:~# $/)
    assert.match(await works(shell, 'complete -p | grep -c .'), /^\d+$/m)
    await works(shell, 'type _comp_initialize || type _init_completion')
    await works(shell, 'mkdir /tmp/only-one-of-this-name')
    shell.type('ls -d /tmp/only-o\t')
    await shell.until(/only-one-of-this-name\/$/)
    shell.type('\r')
    await shell.until(PROMPT)
    shell.type('echo back\r')
    await shell.until(/\nback\n.*# $/)
    shell.type('\x1b[A')
    await shell.until(/echo back$/)
    shell.type('\x03')
    await shell.until(PROMPT)
    await works(shell, 'test -t 0 -a -t 1 -a "$TERM" = xterm-256color')
    assert.match(await works(shell, 'stty size'), /^30 120$/m)
  })
})
