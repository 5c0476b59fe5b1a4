/**
 * The container image where there is nothing but cgroup v2, in a Debian 13 with systemd: `npm run test:v2 -- tests/container`
 * builds it outside and hands it in. compose.yaml is used as it stands.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import { after, before, describe, test } from 'node:test'
import { connectLearner, type Learner, stopLearners } from '../helpers/client.ts'
import { ROOT } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'
import { Engine } from './engine.ts'
import { seeLimitsBite, walkFirstSteps } from './first-steps.ts'

const PORT = '38472'
const site = { url: `http://localhost:${PORT}` }
// What `docker save` has written, if somebody has handed it in.
const saved = process.env.RUNC_LAB_TEST_IMAGE

describe('the container image on cgroup v2 alone', {
  skip: saved ? false : 'no image was handed in: npm run test:v2 -- tests/container does',
}, () => {
  // On the disk: /tmp is memory there.
  const engine = new Engine(fs.mkdtempSync('/var/tmp/engine-'))
  let container = ''
  let learner: Learner
  let shell: Shell
  const compose = (...args: string[]) =>
    engine.compose(['--project-name', 'lab', '--file', 'compose.yaml', ...args], { PORT })
  const inside = (script: string) => engine.docker(['exec', container, 'sh', '-ec', script])
  const inspect = (format: string) => engine.docker(['inspect', '--format', format, container])
  const logs = () => {
    const { stdout, stderr } = engine.tryDocker(['logs', container])
    return stdout + stderr
  }
  const cgroups = () =>
    spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-path', '*runclab*'], { encoding: 'utf8' }).stdout
  const served = async () => {
    await until(
      'the lab serves',
      () => {
        const state = inspect('{{.State.Status}}')
        if (state !== 'running') throw new Error(`the container is ${state}: ${logs()}`)
        return engine.tryDocker(['exec', container, 'node', 'scripts/health.mjs']).status === 0
      },
      180_000,
    ).catch((error: Error) => {
      throw new Error(`${error.message}\n${logs()}`)
    })
  }

  before(async () => {
    process.chdir(ROOT)
    await engine.start('here')
    engine.docker(['load', '--input', saved!])
    compose('up', '--detach', '--no-build')
    container = engine.docker(['ps', '--all', '--quiet', '--filter', 'label=com.docker.compose.project=lab'])
    await served()
  })
  after(async () => {
    stopLearners()
    if (container) engine.tryDocker(['rm', '--force', '--volumes', container])
    await engine.remove()
  })

  test('there is no version 1 here, and the container has a cgroup namespace of its own', () => {
    const mounts = fs.readFileSync('/proc/self/mounts', 'utf8')
    assert.match(mounts, / \/sys\/fs\/cgroup cgroup2 /)
    assert.doesNotMatch(mounts, / cgroup .*cpu/)
    assert.equal(inspect('{{.HostConfig.CgroupnsMode}}'), 'private')
    assert.equal(inspect('{{.HostConfig.Privileged}}'), 'false')
    assert.match(inside('cat /proc/1/cgroup'), /^0::\//)
  })

  test('counts as healthy', async () => {
    await until(
      'the health check has been made',
      () => inspect('{{.State.Health.Status}}') === 'healthy',
      60_000,
    )
  })

  test('has the lesson’s first steps in a sandbox, to runc run and a look from outside', {
    timeout: 300_000,
  }, async () => {
    learner = await connectLearner(site)
    shell = await walkFirstSteps(learner)
  })

  test('limits of nested containers bite: of runc’s and of Docker’s', { timeout: 300_000 }, () =>
    seeLimitsBite(shell),
  )

  test('the sandbox has the limits that the lab has set, in the container’s own cgroup', () => {
    const limits = inside(
      'cd /sys/fs/cgroup; for f in $(find . -path "*runclab*" -name memory.max); do echo "$f $(cat $f)"; done',
    )
    assert.match(limits, /memory\.max \d{8,}/)
  })

  test('docker stop drains it: exit code 0, no loop device, no cgroup and no mount is left', async () => {
    assert.match(cgroups(), /runclab/)
    compose('stop')
    assert.equal(inspect('{{.State.ExitCode}}'), '0')
    assert.match(engine.docker(['logs', container]), /Stopping: destroying sandboxes/)
    assert.equal(cgroups(), '')
    assert.equal(
      spawnSync('losetup', ['--list', '--noheadings'], { encoding: 'utf8' }).stdout.match(/sandboxes/),
      null,
    )
    assert.doesNotMatch(fs.readFileSync('/proc/self/mountinfo', 'utf8'), /runclab\/sandboxes/)
  })

  test('starts again with its volume, and its image is up to date', async () => {
    compose('up', '--detach', '--no-build')
    await served()
    assert.match(engine.docker(['logs', container]), /Sandbox image: up to date/)
    const again = await connectLearner(site)
    await Shell.open(again.client, 1)
    again.stop()
    compose('stop')
  })
})
