/** The limit: node-pty alone in one process, without a network. Prints how many MB/s it reads from the command it is given. */
import { spawn } from 'node-pty'

const [file = '', ...args] = process.argv.slice(2)
const began = performance.now()
let bytes = 0
const pty = spawn(file, args, { name: 'xterm-256color', cols: 80, rows: 24, encoding: null })
pty.onData((data) => {
  bytes += data.length
})
pty.onExit(() => {
  console.log(bytes / (performance.now() - began) / 1000)
  process.exit(0)
})
