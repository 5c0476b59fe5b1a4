/**
 * `npm run test:v2 -- path/part …`: runs test files in a disposable Debian machine with systemd and nothing but cgroup v2, made
 * from Debian's packages, without KVM. `--exec=COMMAND` runs a shell command there instead, `--shell` gives a shell.
 * `--kernel=6.1|6.12|7.2`, `--memory=MiB`, `--minutes=N`. For tests/container the container image is built outside first.
 */
import { parseArgs } from 'node:util'
import { Steps } from './lib/progress.mjs'
import { main, Refusal } from './lib/refusal.mjs'
import { setUp } from './setup/index.mjs'
import { EGRESS_PACKAGES } from './setup/packages.mjs'
import { containerImage, debianDisk, imageDisk, KERNELS, kernel } from './v2/cache.mjs'
import { runInMachine } from './v2/machine.mjs'

/** Everything that a kernel has a say in. */
const PARTS = [
  'sandbox',
  'hostile',
  'life',
  'lens',
  'host',
  'terminal',
  'network',
  'lessons/solve-course',
  'web',
].map((part) => `tests/${part}`)
const PACKAGES = [
  ...[...EGRESS_PACKAGES, 'nginx-light', 'openssl', 'docker.io', 'docker-cli', 'docker-compose'],
  ...['gcc', 'libc6-dev', 'patchelf', 'mmdebstrap', 'git', 'apparmor', 'ca-certificates'],
  // What the container image is tried with besides Docker.
  ...['podman', 'podman-compose', 'crun', 'uidmap'],
]

await main(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      exec: { type: 'string' },
      shell: { type: 'boolean' },
      kernel: { type: 'string', default: '7.2' },
      memory: { type: 'string', default: '4096' },
      minutes: { type: 'string', default: '60' },
      'no-setup': { type: 'boolean' },
    },
  })
  const release = Object.keys(KERNELS).find((name) => KERNELS[name] === values.kernel)
  if (!release)
    throw new Refusal(`--kernel=${values.kernel}: there are ${Object.values(KERNELS).join(', ')}.`)
  if (!values['no-setup']) await setUp({ port: false })
  const imageDir = process.env.LAB_IMAGE_DIR || `${process.env.LAB_STATE_DIR || '/var/lib/runclab'}/image`

  const parts = positionals.length > 0 ? positionals : PARTS
  const inContainer =
    Boolean(process.env.RUNC_LAB_TEST_IMAGE) || parts.some((part) => part.includes('tests/container'))

  const steps = new Steps(inContainer ? 4 : 3)
  let made = {}
  const make = (name, work) => async (say) => {
    made = { ...made, [name]: await work(say) }
  }
  await steps.step(
    'Machine',
    make('debian', (say) => debianDisk(PACKAGES, say)),
  )
  await steps.step(
    'Kernel',
    make('kernel', (say) => kernel(release, say)),
  )
  await steps.step(
    'Sandbox image as a disk',
    make('image', (say) => imageDisk(imageDir, say)),
  )

  if (inContainer) await steps.step('Container image', make('container', containerImage))

  const job = values.shell
    ? 'exec bash -l'
    : `stty -opost -echo; ${values.exec ?? `node scripts/test.mjs --no-setup ${parts.join(' ')}`}`
  const { container, ...machine } = made
  return runInMachine({
    ...machine,
    job,
    files: container ? { 'image.tar': container } : {},
    // io_uring crashes these kernels; the older ones cannot be told to refuse it.
    environment: {
      UV_USE_IO_URING: '0',
      LAB_IMAGE_DIR: imageDir,
      CI: process.env.CI ?? '',
      RUNC_LAB_TEST_MACHINE: '1',
      ...(container && { RUNC_LAB_TEST_IMAGE: '/run/exchange/image.tar' }),
    },
    memoryMib: Number(values.memory),
    minutes: Number(values.minutes),
    terminal: values.shell,
    out: (text) => process.stdout.write(text),
  })
})
