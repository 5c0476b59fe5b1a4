/**
 * The container image under Podman, with crun and cgroup v2: `npm run test:v2 -- tests/container` hands the image in. The options
 * are those of compose.yaml, read from it; the network is the machine's, whose kernel has no packet filter for one of its own.
 */
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { parse } from 'yaml'
import { connectLearner, type Learner, stopLearners } from '../helpers/client.ts'
import { ROOT } from '../helpers/lab.ts'
import type { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'
import { seeLimitsBite, walkFirstSteps } from './first-steps.ts'

const PORT = '38474'
const site = { url: `http://localhost:${PORT}` }
const saved = process.env.RUNC_LAB_TEST_IMAGE
const missing = fs.existsSync('/usr/bin/podman') ? null : 'podman is not installed'

/** compose.yaml's service as options of `podman run`. */
export function podmanOptions(): string[] {
  const { lab } = parse(fs.readFileSync(path.join(ROOT, 'compose.yaml'), 'utf8')).services
  const each = (option: string, values: string[]) => values.map((value) => `${option}=${value}`)
  return [
    ...each('--cap-drop', lab.cap_drop),
    ...each('--cap-add', lab.cap_add),
    ...each('--security-opt', lab.security_opt),
    ...each('--device', lab.devices),
    ...each('--device-cgroup-rule', lab.device_cgroup_rules),
    ...(lab.read_only ? ['--read-only'] : []),
    ...each('--tmpfs', lab.tmpfs),
    ...each('--volume', lab.volumes),
    `--stop-timeout=${Number.parseInt(lab.stop_grace_period, 10)}`,
  ]
}

describe('the container image under Podman', {
  skip: saved ? (missing ?? false) : 'no image was handed in: npm run test:v2 -- tests/container does',
}, () => {
  let learner: Learner
  let shell: Shell
  const tryPodman = (...args: string[]) =>
    // Not systemd's groups: they are made over D-Bus, which this machine does without.
    spawnSync('podman', ['--cgroup-manager=cgroupfs', ...args], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    })
  const podman = (...args: string[]) => {
    const { status, stdout, stderr } = tryPodman(...args)
    if (status !== 0) throw new Error(`podman ${args.join(' ')}: ${(stdout + stderr).slice(-4000)}`)
    return stdout.trim()
  }
  const logs = () => {
    const { stdout, stderr } = tryPodman('logs', 'lab')
    return stdout + stderr
  }

  before(async () => {
    podman('load', '--quiet', '--input', saved!)
    const where = ['--network=host', `--env=PORT=${PORT}`, '--env=HOST=127.0.0.1']
    podman('run', '--detach', '--name=lab', ...where, ...podmanOptions(), 'localhost/runc-lab')
    await until(
      'the lab serves',
      () => {
        const state = podman('inspect', '--format', '{{.State.Status}}', 'lab')
        if (!['running', 'starting'].includes(state)) throw new Error(`the container is ${state}: ${logs()}`)
        return tryPodman('exec', 'lab', 'node', 'scripts/health.mjs').status === 0
      },
      180_000,
    )
  })
  after(() => {
    stopLearners()
    tryPodman('rm', '--force', '--time=1', '--volumes', 'lab')
    tryPodman('volume', 'rm', 'state')
  })

  test('is not privileged, and has a cgroup namespace of its own', () => {
    console.log(
      podman('version', '--format', '{{.Client.Version}}'),
      podman(
        'info',
        '--format',
        '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}} {{.Host.CgroupsVersion}}',
      ),
    )
    assert.equal(podman('inspect', '--format', '{{.HostConfig.Privileged}}', 'lab'), 'false')
    assert.match(podman('exec', 'lab', 'cat', '/proc/1/cgroup'), /^0::\/init$/)
  })

  test('its health can be asked for', () => {
    podman('healthcheck', 'run', 'lab')
  })

  test('has the lesson’s first steps in a sandbox, to runc run and a look from outside', {
    timeout: 300_000,
  }, async () => {
    learner = await connectLearner(site)
    shell = await walkFirstSteps(learner)
  })

  test('limits of nested containers bite', { timeout: 300_000 }, () => seeLimitsBite(shell))

  test('podman stop drains it: exit code 0, and nothing is left', () => {
    podman('stop', 'lab')
    assert.equal(podman('inspect', '--format', '{{.State.ExitCode}}', 'lab'), '0')
    assert.match(logs(), /Stopping: destroying sandboxes/)
    const left = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-path', '*/runclab*'], {
      encoding: 'utf8',
    })
    assert.equal(left.stdout, '')
    assert.doesNotMatch(fs.readFileSync('/proc/self/mountinfo', 'utf8'), /runclab\/sandboxes/)
  })

  test('rootless Podman says why it does not run it', { timeout: 300_000 }, () => {
    spawnSync('useradd', ['--create-home', 'somebody'])
    const file = '/var/tmp/image.tar'
    fs.copyFileSync(saved!, file)
    fs.chmodSync(file, 0o644)
    const run = ['podman', 'run', '--rm', '--network=host', ...podmanOptions(), 'localhost/runc-lab']
    const script = `podman load --quiet --input ${file} && ${run.map((word) => `'${word}'`).join(' ')}`
    const { status, stderr } = spawnSync('runuser', ['-l', 'somebody', '-c', script], { encoding: 'utf8' })
    fs.rmSync(file)
    assert.notEqual(status, 0)
    assert.match(stderr, /device cgroup rules are not supported in rootless mode/)
  })
})
