/** npm runs a script through a shell, and a SIGTERM for npm ends that shell but not the script: this notices it. */

const EVERY_MS = 500

/** Calls back once when the process that started this one is gone, if that was npm's shell. */
export function whenNpmIsGone(callback) {
  if (!process.env.npm_lifecycle_event) return
  const parent = process.ppid
  const timer = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(timer)
    callback()
  }, EVERY_MS)
  timer.unref()
}
