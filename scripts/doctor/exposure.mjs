/** Who can reach this lab, as its operator says it, and what that asks of the host. */
import { Refusal } from '../lib/refusal.mjs'

export const EXPOSURES = ['local', 'class', 'public']

const isLoopback = (host) => /^(127\.|::1$|localhost$)/.test(host)

/** `bad` findings are known ways through the wall: with a public lab they keep it from starting. */
export function checkExposure({ exposure, host }) {
  const name = 'exposure (LAB_EXPOSURE)'
  if (!EXPOSURES.includes(exposure)) {
    return [
      { name, level: 'fail', found: exposure, todo: `Set LAB_EXPOSURE to one of: ${EXPOSURES.join(', ')}.` },
    ]
  }
  if (exposure === 'public') {
    const found = 'public: anybody may get root in a container on the kernel of this host'
    const todo = 'Run the lab in a virtual machine that holds nothing else, and update its kernel every week.'
    return [{ name, level: 'warn', found, todo }]
  }
  if (exposure === 'local' && !isLoopback(host)) {
    const todo = 'Say LAB_EXPOSURE=class if those who reach it are known to you, public if not.'
    return [{ name, level: 'warn', found: `local, but HOST=${host} lets others in`, todo }]
  }
  return [{ name, level: 'ok', found: exposure }]
}

/** With a public lab, known ways through the wall are failures. */
export const weigh = (findings, exposure) =>
  findings.map((finding) => (finding.bad && exposure === 'public' ? { ...finding, level: 'fail' } : finding))

/** Throws a Refusal if these findings forbid this exposure. */
export function refuseKnownBad(findings, exposure) {
  const bad = findings.filter((finding) => finding.bad)
  if (exposure !== 'public' || bad.length === 0) return
  throw new Refusal(
    `The lab does not start with LAB_EXPOSURE=public: this host has publicly known ways out of a sandbox.\n${bad
      .map(({ name, found }) => `  ${name}: ${found}`)
      .join('\n')}`,
    `${[...new Set(bad.map(({ todo }) => todo))].join(' ')} Or, for people you know, set LAB_EXPOSURE=class. (npm run doctor looks again.)`,
  )
}
