/** Keeps the programs of the lab running until it is told to stop, and stops them in the right order. */
import { printRefusal } from '../lib/refusal.mjs'
import { whenNpmIsGone } from './parent.mjs'
import { Program } from './program.mjs'

// npm hands a Ctrl-C on although the terminal has sent it already: a second one counts only after this.
const SAME_KEYSTROKE_MS = 500

/**
 * `programs`: { name, command, env, patienceMs, restartPatienceMs? }, in the order of starting. They get an IPC channel: they send
 * { type: 'listening', url? } when they serve, and exit when they get 'restart' or it is disconnected, so that nothing survives
 * this process, however it ends. `ready(messages by name)` is called once, when all of them serve.
 * Resolves to the exit code.
 */
export function supervise({
  programs,
  ready,
  listening = () => {},
  stopping,
  explain = () => undefined,
  say = console.log,
  started = () => {},
}) {
  return new Promise((resolve) => {
    const messages = {}
    let stopped
    const all = programs.map((options) => {
      const on = {
        listening: (message) => {
          listening(program, message)
          const wasReady = programs.every(({ name }) => messages[name])
          messages[program.name] = message
          if (!wasReady && !stopped && programs.every(({ name }) => messages[name])) ready(messages)
        },
        gaveUp: (refusal) => stop(1, refusal),
        // It has ended everything in its care, because the operator wanted it.
        drained: () => stop(0),
        explain: (tail) => explain(options.name, tail),
      }
      const program = new Program(options, { say, on })
      program.patienceMs = options.patienceMs ?? 5_000
      return program
    })

    const stop = async (code, refusal) => {
      if (stopped) return
      stopped = Date.now()
      if (code === 0 && stopping) say(stopping)
      // The last one started faces the users: it goes first, so that nobody asks the others for anything any more.
      for (const program of all.toReversed()) await program.stop(program.patienceMs)
      if (refusal) printRefusal(refusal)
      finish(code)
    }
    const signal = () => {
      if (!stopped) stop(0)
      else if (Date.now() - stopped > SAME_KEYSTROKE_MS) {
        say('Killing what is left. Run `npm start` again to clean up.')
        for (const program of all) program.kill()
        finish(1)
      }
    }
    // After an upgrade: the process that faces the users is replaced, and what they work in goes on below it.
    const reload = () => {
      if (stopped) return
      say(`Starting the ${all.at(-1).name} process again …`)
      all.at(-1).restart()
    }
    // The same for all of them: the host process leaves sandboxes and shells to the next one.
    const reloadAll = () => {
      if (stopped) return
      say('Starting all processes again …')
      for (const program of all) program.restart()
    }
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    const finish = (code) => {
      for (const name of signals) process.off(name, signal)
      process.off('SIGUSR2', reload)
      process.off('SIGUSR1', reloadAll)
      resolve(code)
    }
    for (const name of signals) process.on(name, signal)
    process.on('SIGUSR2', reload)
    process.on('SIGUSR1', reloadAll)
    for (const program of all) program.start()
    whenNpmIsGone(() => stop(0))
    started(all)
  })
}
