/** Processes of this host, found by their command line. */
import { spawnSync } from 'node:child_process'

/** Ids of those whose command line fits the regular expression. */
export const processes = (pattern: string): string[] =>
  spawnSync('pgrep', ['-f', pattern], { encoding: 'utf8' }).stdout.trim().split('\n').filter(Boolean)
