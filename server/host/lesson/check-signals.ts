/** Follows what a step's check looks at, by the agent's inotify: a change there is a reason to check at once. */

import type { FileView } from '../../protocol/index.ts'
import type { StepCheck } from '../../protocol/step-check.ts'

/** Follows one file: calls with it as it is, and again after each change. Returns how to stop. */
type Follow = (path: string, listener: (file: FileView) => void) => () => void

/** More is not followed: each path costs the agent some watches. */
const MAX_PATHS = 12

/**
 * The files whose change can change the verdict: those of the spec, and what runc keeps of the containers, which it
 * writes whenever one is created, started, changed or deleted.
 */
export function pathsOf(checks: readonly StepCheck[], file: string): string[] {
  const paths = checks.flatMap(({ spec, runc, kernel }) => {
    if (spec) return [spec.file ?? file]
    return [`/run/runc/${(runc ?? kernel)!.id}/state.json`]
  })
  return [...new Set([file, ...paths])].slice(0, MAX_PATHS)
}

/** Calls `onChange` after each change of one of the paths. Returns how to stop. */
export function followAll(paths: readonly string[], follow: Follow, onChange: () => void): () => void {
  const stops = paths.map((path) => {
    // The first call says how it is now; the check's first run has seen that.
    let first = true
    return follow(path, () => {
      if (!first) onChange()
      first = false
    })
  })
  return () => {
    for (const stop of stops) stop()
  }
}
