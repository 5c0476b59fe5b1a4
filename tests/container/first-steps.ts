/** A lesson's first steps as they are typed, without a browser: to `runc run` and a look from outside, and limits that bite. */
import assert from 'node:assert/strict'
import path from 'node:path'
import { loadFolder } from '../../server/lessons/load.ts'
import type { Learner } from '../helpers/client.ts'
import { ROOT } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'

/** Of busybox in a container. */
const INSIDE = /[/~] # $/

/** The commands of a step in their order; `inside`: those for the shell in the container. */
const commandsOf = (markdown: string) =>
  [...markdown.matchAll(/^```bash\n([\s\S]*?)\n```\{\{exec([^}]*)\}\}/gm)].map(
    ([, line = '', words = '']) => ({
      line,
      inside: words.includes('inside'),
      second: words.includes('T2'),
    }),
  )

/** Returns the learner's first terminal, in the bundle. */
export async function walkFirstSteps({ client }: Learner): Promise<Shell> {
  const { steps } = loadFolder(path.join(ROOT, 'lessons/runc-by-hand'))
  const last = steps.findIndex(({ slug }) => slug === 'run-it')
  assert.ok(last > 0)
  const shell = await Shell.open(client, 1)
  const second = await Shell.open(client, 2)
  for (const step of steps.slice(0, last + 1))
    for (const { line, inside, second: other } of commandsOf(step.markdown)) {
      const enters = step === steps[last] && line.includes('runc run demo')
      await (other ? second : shell).paste(line, {
        ...(inside || enters ? { prompt: INSIDE } : {}),
        timeoutMs: 60_000,
      })
    }
  assert.match(shell.screen, /Server:[\s\S]*Engine:/)
  assert.match(shell.screen, /"1\.2\.1"/)
  assert.match(shell.screen, /# hostname\s+runc\n/)
  assert.match(shell.screen, /touch: \/x: Read-only file system/)
  assert.match(second.screen, /"status": "running"/)
  assert.match(second.screen, /PID +USER[\s\S]*\bps\b/)
  await shell.paste('exit')
  return shell
}

/** Memory and number of processes, of a container of runC's and of Docker's, on cgroup v2. */
export async function seeLimitsBite(shell: Shell): Promise<void> {
  const limited =
    '.process.terminal=false | .linux.resources.memory.limit=16777216 | .linux.resources.pids.limit=20'
  await shell.paste(`jq '${limited}' config.json > c && mv c config.json`)
  const run = async (script: string) => {
    await shell.paste(
      `jq --arg s '${script}' '.process.args=["sh","-c",$s]' config.json > c && mv c config.json`,
    )
    return shell.paste('runc run limited; echo "code $?"', { timeoutMs: 60_000 })
  }
  const seen = await run('cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max')
  assert.match(seen, /^16777216\n20\ncode 0$/m)
  assert.match(await run('tail -c 64m /dev/zero'), /^code 137$/m)
  assert.match(await run('for i in $(seq 40); do sleep 1 & done; wait'), /can't fork/)
  const docker = await shell.paste(
    'docker run --rm --memory 16m busybox sh -c "cat /sys/fs/cgroup/memory.max; tail -c 64m /dev/zero"; echo "code $?"',
    { timeoutMs: 90_000 },
  )
  assert.match(docker, /^16777216\n[\s\S]*code 137$/m)
  const privileged = await shell.paste('docker run --rm --privileged busybox echo "privileged "there', {
    timeoutMs: 90_000,
  })
  assert.match(privileged, /privileged there/)
}
