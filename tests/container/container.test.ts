/** The container image: built by the Dockerfile, run by compose.yaml without any network, and a lesson walked in it in Chromium. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import path from 'node:path'
import { after, before, describe, test } from 'node:test'
import { type Browser, chromium } from 'playwright-core'
import { loadFolder } from '../../server/lessons/load.ts'
import { EXECUTABLE, Learner, type Stage } from '../e2e/helpers/browser.ts'
import { walkStep } from '../e2e/helpers/walk.ts'
import { ROOT } from '../helpers/lab.ts'
import { until } from '../helpers/until.ts'
import { Engine, engineProblem } from './engine.ts'

const IMAGE = 'runc-lab'
const PORT = '38471'
const { steps } = loadFolder(path.join(ROOT, 'lessons/runc-by-hand'))
const RUN_IT = steps.findIndex(({ slug }) => slug === 'run-it')
const problem = engineProblem()
// Where the image's layers are kept between runs, for whoever works on it.
const kept = process.env.RUNC_LAB_TEST_ENGINE

/** No engine: said by name, and a failure where a build server should have one. */
if (problem && process.env.CI === 'true') test('an engine can run here', () => assert.fail(problem))

describe('the container image', {
  skip: problem
    ? `no Docker engine can run here: ${problem}`
    : process.env.RUNC_LAB_TEST_IMAGE
      ? 'nothing can be built here, and there is no Chromium: on-v2.test.ts tries the image that was handed in'
      : false,
}, () => {
  const engine = new Engine(kept)
  let browser: Browser | undefined
  let learner: Learner
  let container = ''
  const compose = (...args: string[]) =>
    engine.compose(['--project-name', 'lab', '--file', 'compose.yaml', ...args], { PORT })
  const inside = (script: string) => engine.docker(['exec', container, 'sh', '-ec', script])
  const theContainer = () =>
    engine.docker(['ps', '--all', '--quiet', '--filter', 'label=com.docker.compose.project=lab'])
  const served = () =>
    until(
      'the lab serves',
      () => {
        const state = engine.docker(['inspect', '--format', '{{.State.Status}}', container])
        if (state !== 'running')
          throw new Error(`the container is ${state}: ${engine.docker(['logs', container])}`)
        return engine.tryDocker(['exec', container, 'node', 'scripts/health.mjs']).status === 0
      },
      120_000,
    )
  /** What goes wrong in the container is in its log. */
  const withLog = (work: () => Promise<void>) => async () => {
    try {
      await work()
    } catch (error) {
      const { stdout, stderr } = engine.tryDocker(['logs', '--tail', '50', container])
      console.log(`The log of the container ends with\n${stdout}${stderr}`)
      throw error
    }
  }
  const health = () => engine.docker(['inspect', '--format', '{{.State.Health.Status}}', container])

  before(async () => {
    process.chdir(ROOT)
    await engine.start({ online: true })
    engine.makeBase('debian:forky-slim')
    engine.docker(['build', '--network=host', '--tag', IMAGE, ROOT])
    await engine.stop()
    await engine.start({ online: false })
    compose('up', '--detach', '--no-build')
    container = theContainer()
    await served()
  })
  after(async () => {
    await browser?.close()
    if (container) engine.tryDocker(['rm', '--force', '--volumes', container])
    await engine.remove({ keep: kept !== undefined })
  })

  test('is as small as docs/operating.md says, part by part', () => {
    const mb = Number(engine.docker(['inspect', '--format', '{{.Size}}', IMAGE])) / 1e6
    const text = fs.readFileSync(path.join(ROOT, 'docs/operating.md'), 'utf8')
    const measured = engine.docker(['run', '--rm', '--interactive', '--entrypoint', 'sh', IMAGE], {
      input: fs.readFileSync(path.join(ROOT, 'docker/sizes'), 'utf8'),
    })
    console.log(`${measured}\n${Math.round(mb)} for the engine`)
    const parts = [...measured.matchAll(/^ *(\d+) {2}(.+)$/gm)].map(
      ([, size, part]) => [part!, Number(size)] as const,
    )
    assert.equal(parts.length, 6)
    for (const [part, size] of parts) {
      const stated = Number(new RegExp(`^\\| ${part} +\\| +(\\d+) \\|`, 'm').exec(text)?.[1])
      assert.ok(
        Math.abs(size - stated) <= Math.max(stated / 10, 2),
        `${part}: ${size} MB, stated are ${stated}`,
      )
    }
    assert.ok(Math.abs(mb - parts.at(-1)![1]) < mb / 20, `the engine counts ${mb}`)
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

  test(
    'runs Docker and its containers in a sandbox, within limits and privileged',
    {
      timeout: 120_000,
    },
    withLog(async () => {
      // Chromium in the engine's network, where the port is published.
      const wrapper = path.join(engine.dir, 'chromium')
      const [file, args] = engine.inside([EXECUTABLE])
      fs.writeFileSync(wrapper, `#!/bin/sh\nexec ${file} ${args.join(' ')} "$@"\n`, { mode: 0o755 })
      browser = await chromium.launch({ executablePath: wrapper, args: ['--no-sandbox', '--disable-gpu'] })
      learner = await Learner.arrive({
        lab: { url: `http://localhost:${PORT}` },
        browser,
      } as unknown as Stage)
      await learner.openStep('challenge')
      await learner.type('systemctl start docker\r')
      await learner.prompt()
      for (const [command, shows] of [
        ['docker run --rm --memory 64m --pids-limit 64 busybox echo "nested "docker', /nested docker/],
        ['docker run --rm --privileged busybox echo "privileged "there', /privileged there/],
      ] as const) {
        await learner.type(`clear; ${command}\r`)
        await learner.sees(shows, 1, 40_000)
        await learner.prompt()
      }
    }),
  )

  test(
    'has the lesson’s main walk in it, without any network: each command and edit in Chromium',
    {
      timeout: 240_000,
    },
    withLog(async () => {
      const { page } = learner
      await learner.goto('/')
      await page.getByRole('link', { name: /Start/ }).first().click()
      await page.waitForURL('**/meet-the-tools')
      await learner.prompt()
      for (const step of steps.slice(0, RUN_IT + 1)) {
        await page.getByRole('heading', { level: 1, name: step.title }).waitFor()
        if (step === steps[RUN_IT]) {
          // Before it runs, the learner makes a line of it their own.
          await learner.editorShows('"ociVersion"')
          await learner.replaceInEditor('"hostname": "runc"', '"hostname": "by-hand"')
          await learner.saved()
        }
        await walkStep(learner)
        await learner.stepDone()
        if (step !== steps[RUN_IT]) await learner.next()
      }
      // In the container, and from outside.
      await learner.sees(/# hostname\nby-hand\n/)
      await learner.sees(/"status": "running"[\s\S]*\bps\b/, 2)
    }),
  )

  test('counts as healthy', async () => {
    await until('the health check has been made', () => health() === 'healthy', 40_000)
  })

  test('docker stop drains it: sandboxes are destroyed, and the exit code is 0', () => {
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
  })

  test(
    'a newer container with the old volume: the image is up to date, and the learner has their files',
    withLog(async () => {
      compose('up', '--detach', '--no-build', '--force-recreate')
      const before = container
      container = theContainer()
      assert.notEqual(container, before)
      await served()
      assert.match(engine.docker(['logs', container]), /Sandbox image: up to date/)
      await learner.openStep('make-it-yours')
      await learner.type(
        'clear; jq -r .hostname /tmp/mycontainer/config.json; ls /tmp/mycontainer/rootfs | wc -l\r',
      )
      await learner.sees(/by-hand\n\d\d?\n/)
      await learner.leave()
    }),
  )

  test('says what is missing if it is started without the options', () => {
    const { status, stderr } = engine.tryDocker(['run', '--rm', IMAGE])
    assert.equal(status, 3)
    assert.match(stderr, /may not mount anything[\s\S]*docker compose up/)
  })
})
