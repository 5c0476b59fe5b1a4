/** The supervisor, with tiny programs in place of the lab's: starts, restarts, gives up, stops, leaves nothing behind. */
import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import path from 'node:path'
import { type TestContext, test } from 'node:test'
import { folderWith, plainEnv, ROOT, until } from './helpers/run.ts'

/** Serves at once, says its process id, ends politely. */
const serves = `
process.on('disconnect', () => process.exit())
process.on('SIGTERM', () => { console.log(process.env.NAME + ' stops'); process.exit() })
process.on('message', (message) => message === 'restart' && process.exit())
console.log(process.env.NAME + ' pid ' + process.pid)
process.send({ type: 'listening', url: 'http://127.0.0.1:1' })
`
const programs = {
  serves,
  stubborn: `${serves}; process.removeAllListeners('SIGTERM'); process.on('SIGTERM', () => {})`,
  rude: `${serves}; console.error('\\x1b]0;pwned\\x07')`,
  taken: `console.error('Error: listen EADDRINUSE: address already in use'); process.exit(1)`,
  drains: `${serves}; process.on('SIGUSR2', () => { process.send({ type: 'drained' }); setTimeout(process.exit, 50) })`,
  refuses: `console.error('Another lab of this name is running.'); process.exit(3)`,
}

/** A supervisor of its own, as start.mjs makes one: `host` and `web` are names of the programs above. */
function supervisor(t: TestContext, host: keyof typeof programs, web: keyof typeof programs) {
  const files = Object.fromEntries(Object.entries(programs).map(([name, text]) => [`${name}.mjs`, text]))
  const folder = folderWith(t, {
    ...files,
    'main.mjs': `
import { supervise } from '${ROOT}/scripts/run/supervise.mjs'
import { portRefusal } from '${ROOT}/scripts/setup/preflight.mjs'
const program = (name, file) => ({
  name,
  command: [process.execPath, new URL(file + '.mjs', import.meta.url).pathname],
  env: { ...process.env, NAME: name },
  patienceMs: 1000,
})
process.exit(await supervise({
  programs: [program('host', process.argv[2]), program('web', process.argv[3])],
  ready: ({ web }) => console.log('ready at ' + web.url),
  stopping: 'Stopping …',
  explain: (name, tail) => tail.includes('EADDRINUSE') ? portRefusal('EADDRINUSE', '127.0.0.1', 3000) : undefined,
}))`,
  })
  const child: ChildProcess = spawn(process.execPath, [path.join(folder, 'main.mjs'), host, web], {
    env: plainEnv(),
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const seen = { output: '', code: undefined as number | null | undefined }
  for (const stream of [child.stdout!, child.stderr!]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      seen.output += text
    })
  }
  child.on('close', (code) => {
    seen.code = code
  })
  t.after(() => child.kill('SIGKILL'))
  const pids = (name: string) =>
    [...seen.output.matchAll(new RegExp(`${name} pid (\\d+)`, 'g'))].map(([, pid]) => Number(pid))
  return { child, seen, pids }
}

const alive = (pid: number) => {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

test('says once that it is ready, and starts a killed program again', async (t) => {
  const { child, seen, pids } = supervisor(t, 'serves', 'serves')
  await until('ready', () => seen.output.includes('ready at http://127.0.0.1:1'))
  process.kill(pids('web')[0]!, 'SIGKILL')
  await until('a second web process', () => pids('web').length === 2)
  assert.match(seen.output, /^web process ended \(SIGKILL\), starting it again$/m)
  process.kill(pids('host')[0]!, 'SIGKILL')
  await until('a second host process', () => pids('host').length === 2)
  assert.equal(seen.output.match(/ready at/g)?.length, 1)
  child.kill('SIGTERM')
  await until('the end', () => seen.code !== undefined)
})

test('SIGUSR2 replaces the web process alone, and the lab goes on', async (t) => {
  const { child, seen, pids } = supervisor(t, 'serves', 'serves')
  await until('ready', () => seen.output.includes('ready'))
  child.kill('SIGUSR2')
  await until('a second web process', () => pids('web').length === 2)
  assert.match(seen.output, /^Starting the web process again …$/m)
  assert.equal(pids('host').length, 1)
  assert.deepEqual([alive(pids('web')[0]!), alive(pids('host')[0]!)], [false, true])
  child.kill('SIGTERM')
  await until('the end', () => seen.code !== undefined)
  assert.equal(seen.code, 0)
})

test('SIGUSR1 replaces both', async (t) => {
  const { child, seen, pids } = supervisor(t, 'serves', 'serves')
  await until('ready', () => seen.output.includes('ready'))
  child.kill('SIGUSR1')
  await until('a second of each', () => pids('web').length === 2 && pids('host').length === 2)
  assert.deepEqual([pids('web')[0]!, pids('host')[0]!].map(alive), [false, false])
  child.kill('SIGTERM')
  await until('the end', () => seen.code !== undefined)
  assert.equal(seen.code, 0)
})

test('a host process that has been drained ends the lab, and is not started again', async (t) => {
  const { seen, pids } = supervisor(t, 'drains', 'serves')
  await until('ready', () => seen.output.includes('ready'))
  process.kill(pids('host')[0]!, 'SIGUSR2')
  await until('the end', () => seen.code !== undefined)
  assert.equal(seen.code, 0)
  assert.equal(pids('host').length, 1)
  assert.doesNotMatch(seen.output, /starting it again/)
  assert.deepEqual([...pids('web'), ...pids('host')].filter(alive), [])
})

test('what a program writes cannot command the terminal of whoever started the lab', async (t) => {
  const { child, seen } = supervisor(t, 'rude', 'serves')
  await until('it has spoken', () => seen.output.includes('pwned'))
  assert.ok(seen.output.includes('\\x1b]0;pwned\\x07'))
  assert.ok(!seen.output.includes('\x1b'))
  child.kill('SIGTERM')
  await until('the end', () => seen.code !== undefined)
})

test('stops web first, then host, and exits with 0', async (t) => {
  const { child, seen, pids } = supervisor(t, 'serves', 'serves')
  await until('ready', () => seen.output.includes('ready'))
  child.kill('SIGINT')
  // npm sends it once more at once; that is no second Ctrl-C.
  child.kill('SIGINT')
  await until('the end', () => seen.code !== undefined)
  assert.equal(seen.code, 0)
  assert.match(seen.output, /Stopping …\n.*web stops\n.*host stops/s)
  assert.deepEqual([...pids('web'), ...pids('host')].filter(alive), [])
})

test('kills a program that will not end', async (t) => {
  const { child, seen, pids } = supervisor(t, 'stubborn', 'serves')
  await until('ready', () => seen.output.includes('ready'))
  child.kill('SIGTERM')
  await until('the end', () => seen.code !== undefined)
  assert.match(seen.output, /host process did not end within 1 s, killing it/)
  assert.deepEqual(pids('host').filter(alive), [])
})

test('a second Ctrl-C kills what is left', async (t) => {
  const { child, seen, pids } = supervisor(t, 'stubborn', 'stubborn')
  await until('ready', () => seen.output.includes('ready'))
  child.kill('SIGINT')
  await new Promise((resolve) => setTimeout(resolve, 700))
  child.kill('SIGINT')
  await until('the end', () => seen.code !== undefined)
  assert.equal(seen.code, 1)
  await until('both gone', () => ![...pids('web'), ...pids('host')].some(alive))
})

test('gives up on a program that never serves, with the reason in words', async (t) => {
  const { seen, pids } = supervisor(t, 'serves', 'taken')
  await until('the end', () => seen.code !== undefined, 20_000)
  assert.equal(seen.code, 1)
  assert.equal(seen.output.match(/web process ended \(exit code 1\), starting it again/g)?.length, 4)
  assert.match(seen.output, /✗ Port 3000 of 127\.0\.0\.1 is taken/)
  assert.deepEqual(pids('host').filter(alive), [])
})

test('does not insist when a program refuses (exit code 3)', async (t) => {
  const { seen, pids } = supervisor(t, 'refuses', 'serves')
  await until('the end', () => seen.code !== undefined)
  assert.equal(seen.code, 1)
  assert.match(seen.output, /^Another lab of this name is running\.$/m)
  assert.doesNotMatch(seen.output, /starting it again|ready/)
  assert.deepEqual(pids('web').filter(alive), [])
})

test('leaves nothing running when it is itself killed', async (t) => {
  const { child, seen, pids } = supervisor(t, 'serves', 'serves')
  await until('ready', () => seen.output.includes('ready'))
  child.kill('SIGKILL')
  await until('both gone', () => ![...pids('web'), ...pids('host')].some(alive))
})
