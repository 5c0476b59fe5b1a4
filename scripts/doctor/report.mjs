/** Runs all checks of the doctor and puts their findings into lines. */
import { imageDirOf, stateDirOf } from '../setup/preflight.mjs'
import { checkCgroups } from './cgroups.mjs'
import { checkEgress } from './egress.mjs'
import { checkExposure, weigh } from './exposure.mjs'
import { checkKernel } from './kernel.mjs'
import { checkLimits } from './limits.mjs'
import { checkMachine } from './machine.mjs'
import { checkRunc } from './runc.mjs'
import { checkSecurity } from './security.mjs'

/**
 * Each finding: { name, level, found, todo? }. Level "fail": the lab will not work. "warn": it will, with a
 * limit that somebody may run into. "info": nothing to do. `bad`: a publicly known way out of a sandbox.
 */
export function examine({ stateDir, imageDir, exposure, host, egress }) {
  const checks = [
    () => checkMachine({ stateDir, imageDir }),
    checkKernel,
    checkCgroups,
    () => checkRunc({ imageDir }),
    checkLimits,
    () => checkSecurity({ imageDir }),
    () => checkExposure({ exposure, host }),
    () => checkEgress({ egress }),
  ]
  return weigh(
    checks.flatMap((check) => check()),
    exposure,
  )
}

/** The settings are read loosely here, before anything is installed. */
export const placesFrom = (env) => ({
  stateDir: stateDirOf(env),
  imageDir: imageDirOf(env),
  exposure: env.LAB_EXPOSURE || 'local',
  host: env.HOST || '127.0.0.1',
  egress: env.LAB_EGRESS,
})

export const line = ({ name, level, found, todo }) =>
  `${level.padEnd(4)}  ${name}: ${found}${todo ? `\n      → ${todo}` : ''}`

/** Only what is worth a line when the lab has just started. */
export function doctorLines(places) {
  return examine(places)
    .filter(({ level }) => level === 'warn' || level === 'fail')
    .map(line)
}
