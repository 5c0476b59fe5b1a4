/** The container image: built by the Dockerfile, run by compose.yaml without any network, and a lesson walked in it in Chromium. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Browser, chromium } from 'playwright-core'
import { EXECUTABLE, Learner, type Stage } from '../e2e/helpers/browser.ts'
import { ROOT } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { Engine, engineProblem } from './engine.ts'

const IMAGE = 'runc-lab'
const PORT = '38471'
const problem = engineProblem()
// Where the image's layers are kept between runs, for whoever works on it.
const kept = process.env.RUNC_LAB_TEST_ENGINE

/** No engine: said by name, and a failure where a build server should have one. */
if (problem && process.env.CI === 'true') test('an engine can run here', () => assert.fail(problem))

describe('the container image', {
  skip: problem ? `no Docker engine can run here: ${problem}` : false,
}, () => {
  const engine = new Engine(kept)
  let browser: Browser | undefined
  let container = ''
  const compose = (...args: string[]) =>
    engine.compose(['--project-name', 'lab', '--file', 'compose.yaml', ...args], { PORT })
  const inside = (script: string) => engine.docker(['exec', container, 'sh', '-ec', script])
  const health = () => engine.docker(['inspect', '--format', '{{.State.Health.Status}}', container])

  before(async () => {
    process.chdir(ROOT)
    await engine.start({ online: true })
    engine.makeBase('debian:forky-slim')
    engine.docker(['build', '--network=host', '--tag', IMAGE, ROOT])
    await engine.stop()
    await engine.start({ online: false })
    compose('up', '--detach', '--no-build')
    container = engine.docker(['ps', '--all', '--quiet', '--filter', 'label=com.docker.compose.project=lab'])
    await until(
      'the lab is healthy',
      () => {
        const state = engine.docker(['inspect', '--format', '{{.State.Status}}', container])
        if (state !== 'running')
          throw new Error(`the container is ${state}: ${engine.docker(['logs', container])}`)
        return inside('node scripts/health.mjs || true') === 'ok'
      },
      120_000,
    )
  })
  after(async () => {
    await browser?.close()
    if (container) engine.tryDocker(['rm', '--force', '--volumes', container])
    await engine.remove({ keep: kept !== undefined })
  })

  test('is as small as docs/operating.md says', () => {
    const mb = Number(engine.docker(['inspect', '--format', '{{.Size}}', IMAGE])) / 1e6
    const stated = Number(
      /about (\d+) MB/.exec(fs.readFileSync(path.join(ROOT, 'docs/operating.md'), 'utf8'))?.[1],
    )
    assert.equal(Math.abs(mb - stated) < stated / 10, true, `${Math.round(mb)} MB, stated are ${stated}`)
  })

  test('holds what serves: no sources, no compiler, no development packages, no caches', () => {
    const there = inside('ls -A /opt/runc-lab').split('\n').sort()
    assert.deepEqual(
      there.filter((name) => ['server', 'app', 'components', 'tests', 'docs', '.git', '.env'].includes(name)),
      [],
    )
    const { devDependencies, dependencies } = JSON.parse(
      fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'),
    )
    const packages = inside('cd node_modules && ls -d * @*/*').split('\n')
    assert.deepEqual(
      Object.keys(dependencies).filter((name) => !packages.includes(name)),
      [],
    )
    assert.deepEqual(
      Object.keys(devDependencies).filter((name) => packages.includes(name) && !name.startsWith('@types/')),
      [],
    )
    assert.equal(
      inside('for program in gcc cc make npm python3 git mmdebstrap; do command -v $program || true; done'),
      '',
    )
    assert.equal(
      inside('ls -A /root/.npm /root/.cache /var/lib/apt/lists .next/cache 2>/dev/null || true')
        .replace(/[^\n]*:\n?/g, '')
        .trim(),
      '',
    )
  })

  test('can be listed by whoever makes a bill of materials: Debian’s and npm’s packages with their versions', () => {
    assert.match(inside('dpkg-query -W nodejs tini'), /nodejs\s+24\./)
    assert.match(inside('node -p "require(\'next/package.json\').version"'), /^\d+\./)
  })

  test('runs without --privileged, from a file system that nobody can write to', () => {
    const config = JSON.parse(engine.docker(['inspect', '--format', '{{json .HostConfig}}', container]))
    assert.deepEqual([config.Privileged, config.ReadonlyRootfs, config.CapDrop], [false, true, ['ALL']])
    assert.ok(!config.PidMode && !config.UsernsMode && config.IpcMode !== 'host')
    assert.throws(() => inside('touch /opt/runc-lab/x'), /Read-only/)
  })

  test('faces the network with a process that is not root and has no capability', () => {
    const script =
      'for p in /proc/[0-9]*; do if tr "\\0" " " < $p/cmdline | grep -q "^[^ ]*node .*build/web.js"; then grep -E "^(Uid|CapEff|CapBnd|NoNewPrivs):" $p/status; fi; done'
    const status = inside(script)
    assert.doesNotMatch(status, /^Uid:\s+0\s/m)
    assert.match(status, /^Uid:\s+\d+/m)
    assert.match(status, /^CapEff:\s+0+$/m)
    assert.match(status, /^CapBnd:\s+0+$/m)
    assert.match(status, /^NoNewPrivs:\s+1$/m)
  })

  test('serves a lesson without any network, walked in Chromium', { timeout: 240_000 }, async () => {
    // Chromium in the engine's network, where the port is published.
    const wrapper = path.join(engine.dir, 'chromium')
    const [file, args] = engine.inside([EXECUTABLE])
    fs.writeFileSync(wrapper, `#!/bin/sh\nexec ${file} ${args.join(' ')} "$@"\n`, { mode: 0o755 })
    browser = await chromium.launch({ executablePath: wrapper, args: ['--no-sandbox', '--disable-gpu'] })
    const stage = { lab: { url: `http://localhost:${PORT}` }, browser } as unknown as Stage
    const learner = await Learner.arrive(stage)
    await learner.goto('/lessons/runc-by-hand')
    await learner.prompt()
    const steps: [command: string, shows: RegExp][] = [
      ['systemctl start docker && docker version', /runc:\s+Version:\s+1\.3/],
      ['docker run --rm --memory 64m --pids-limit 64 busybox echo "nested "docker', /nested docker/],
      ['docker run --rm --privileged busybox echo "privileged "there', /privileged there/],
      ['mkdir -p /tmp/mycontainer/rootfs && cd /tmp/mycontainer', /mycontainer#/],
      [
        'docker export $(docker create busybox) | tar -C rootfs -xf - && runc spec && ls',
        /config\.json\s+rootfs/,
      ],
    ]
    for (const [command, shows] of steps) {
      await learner.type(`clear; ${command}\r`)
      await learner.sees(shows, 1, 40_000)
      await learner.prompt()
    }
    await learner.editorShows('"ociVersion"')
    await learner.replaceInEditor('"hostname": "runc"', '"hostname": "mycontainer"')
    await learner.saved()
    await learner.type('clear; runc run demo\r')
    await learner.sees(/\/ #\s*$/)
    await learner.type('hostname\r')
    await learner.sees(/# hostname\nmycontainer\n/)
    await learner.type('exit\r')
    await learner.prompt()
    await learner.leave()
  })

  test('counts as healthy', async () => {
    await until('the health check has been made', () => health() === 'healthy', 40_000)
  })

  test('docker stop drains it: sandboxes are destroyed, the exit code is 0, and a new start finds its image', async () => {
    const loops = () =>
      fs
        .readdirSync('/sys/block')
        .filter((name) => fs.existsSync(`/sys/block/${name}/loop/backing_file`))
        .map((name) => fs.readFileSync(`/sys/block/${name}/loop/backing_file`, 'utf8'))
        .filter((file) => file.includes('/var/lib/runclab/sandboxes') && file.includes(engine.dir))
    compose('stop')
    assert.equal(engine.docker(['inspect', '--format', '{{.State.ExitCode}}', container]), '0')
    assert.match(engine.docker(['logs', container]), /Stopping: destroying sandboxes/)
    assert.deepEqual(loops(), [])
    compose('start')
    await until(
      'the lab is back',
      () => engine.tryDocker(['exec', container, 'node', 'scripts/health.mjs']).status === 0,
      60_000,
    )
    assert.match(engine.docker(['logs', container]), /Sandbox image: up to date/)
  })

  test('says what is missing if it is started without the options', () => {
    const { status, stderr } = engine.tryDocker(['run', '--rm', IMAGE])
    assert.equal(status, 3)
    assert.match(stderr, /may not mount anything[\s\S]*docker compose up/)
  })
})
