/**
 * A learner's page in a process of its own, as a browser is, that shows all it gets at once: `drain.ts URL COOKIE NUMBER`.
 * A line on standard input is typed into the terminal, `^C` as Ctrl-C; each is answered, when the terminal is silent for a
 * moment or has printed a mebibyte, by a line with the number of bytes so far.
 */
import readline from 'node:readline'
import { LabLink } from './link.ts'

const ENOUGH = 1024 * 1024
const SILENCE_MS = 300

const [url = '', cookie = '', number = ''] = process.argv.slice(2)
let bytes = 0
let typedAt = 0
let timer: NodeJS.Timeout | null = null
const answer = () => {
  if (timer) clearTimeout(timer)
  timer = null
  console.log(bytes)
}
const link = await LabLink.open({ url }, cookie, Number(number))
link.onOutput = (part) => {
  bytes += part.length
  link.shown(part.length)
  if (!timer) return
  if (bytes - typedAt > ENOUGH) answer()
  else timer.refresh()
}
console.log('open')
for await (const line of readline.createInterface({ input: process.stdin })) {
  typedAt = bytes
  timer = setTimeout(answer, SILENCE_MS)
  link.write(line === '^C' ? '\x03' : `${line}\r`)
}
process.exit(0)
