/** Attacks by what a program prints: floods, and sequences that would type an answer into the shell or touch the host's log. */
import assert from 'node:assert/strict'
import fs from 'node:fs'
import { after, afterEach, before, test } from 'node:test'
import { connectLearner, stopLearners } from '../helpers/client.ts'
import { TestLab } from '../helpers/lab.ts'
import { Shell } from '../helpers/shell.ts'
import { until } from '../helpers/until.ts'

let lab: TestLab
before(async () => {
  lab = await TestLab.start()
})
after(() => lab?.stop())
afterEach(stopLearners)

/** Resident memory of the host process, in MiB. */
const hostMib = () =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(fs.readFileSync(`/proc/${lab.hostPid}/status`, 'utf8'))![1]) / 1024

test('29. a flood of output is slowed down, costs the host little, and leaves other terminals fast', async () => {
  const { client } = await connectLearner(lab)
  const { client: neighbour } = await connectLearner(lab)
  const [flooding, beside, theirs] = [
    await Shell.open(client, 1),
    await Shell.open(client, 2),
    await Shell.open(neighbour, 1),
  ]
  const before = hostMib()
  flooding.type('yes; :\r')
  await flooding.until(/y\ny\ny\n/)
  for (const shell of [beside, theirs])
    for (let i = 0; i < 5; i++) assert.equal(await shell.paste('echo $((6*7))'), '42\n')
  flooding.type('\x03')
  await flooding.until(/\^C/)
  // One line of a gigabyte, without an end.
  const line = await Shell.open(client, 3)
  line.type('head -c 1G /dev/zero | tr "\\0" x\r')
  await line.until(/x{1000}/)
  for (const shell of [beside, theirs]) assert.equal(await shell.paste('echo $((6*7))'), '42\n')
  assert.ok(hostMib() - before < 200, `${hostMib() - before} MiB more`)
})

test('30. no sequence that a program prints is answered by the server into its terminal, or lands in the log raw', async () => {
  const { client } = await connectLearner(lab)
  const shell = await Shell.open(client)
  const sequences = [
    '\\e[c',
    '\\e[>c',
    '\\e[=c',
    '\\e[5n',
    '\\e[6n',
    '\\e[21t',
    '\\e[18t',
    '\\e]52;c;?\\a',
    '\\e]4;1;?\\a',
    '\\e]10;?\\a',
    '\\eP$qm\\e\\\\',
    '\\eP+q544e\\e\\\\',
    '\\x05',
    '\\e]0;title\\a\\e[21t',
    '\\e]777;notify;x;y\\a',
    '\\e[?1$p',
  ]
  await shell.paste('cd /tmp')
  for (const sequence of sequences) {
    // The browser's terminal would answer some of these, which is its right; this client has none.
    const script = `stty -echo raw; printf '${sequence}'; read -r -t 0.2 -N 100 back; stty sane; printf '<%q>\\n' "$back"`
    assert.match(await shell.paste(script, { timeoutMs: 10_000 }), /<''>/, sequence)
  }
  // Names of programs and terminals that are sequences themselves, and one that breaks the shell's end.
  await shell.paste(`printf '\\e]0;$(touch /tmp/owned)\\a'; (exec -a $'\\e]0;evil\\a' sleep 0.1)`)
  shell.type("exec -a $'\\e]0;evil\\a' false\r")
  await until('the terminal has ended', () => client.view.terminals.some(({ exit }) => exit !== null))
  assert.ok(!fs.existsSync('/tmp/owned'))
  // biome-ignore lint/suspicious/noControlCharactersInRegex: that is what is looked for
  assert.doesNotMatch(lab.hostLog, /[\x00-\x08\x0b-\x1f\x7f]/)
})
