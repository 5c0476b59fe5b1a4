/** The one way in which a script says no: what is wrong, what to do next, and exit code 1 without a stack trace. */

/** `what` is a sentence about the fact, `next` one about what to do; `details` is output worth reading. */
export class Refusal extends Error {
  constructor(what, next = '', details = '') {
    super(what)
    this.name = 'Refusal'
    this.next = next
    this.details = details
  }
}

export function printRefusal(refusal) {
  const lines = ['']
  if (refusal.details) lines.push(refusal.details.trimEnd(), '')
  lines.push(...refusal.message.split('\n').map((line) => `  ✗ ${line}`))
  if (refusal.next) lines.push(...refusal.next.split('\n').map((line) => `  → ${line}`))
  process.stderr.write(`${lines.join('\n')}\n\n`)
}

/** Runs a script. Its result, if it is a number, becomes the exit code. A bug keeps its stack trace. */
export async function main(script) {
  try {
    const code = await script()
    process.exitCode = typeof code === 'number' ? code : 0
  } catch (error) {
    if (error instanceof Refusal) printRefusal(error)
    else console.error(error)
    process.exitCode = 1
  }
}
