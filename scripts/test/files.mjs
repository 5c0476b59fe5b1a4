/** Which test files there are, in which order they run, and which of them need the machine to themselves. */
import { existsSync, readdirSync } from 'node:fs'
import { join, relative } from 'node:path'

const NOT_TESTS = ['fixtures', 'helpers', 'node_modules']

/** Every *.test.ts below the folder, those of e2e/ last; with `parts` only those whose path contains one of them. */
export function testFiles(folder, parts = []) {
  const found = existsSync(folder) ? walk(folder) : []
  const endToEnd = (file) => relative(folder, file).startsWith('e2e/')
  return found
    .filter((file) => parts.length === 0 || parts.some((part) => file.includes(part)))
    .sort((a, b) => Number(endToEnd(a)) - Number(endToEnd(b)) || (a < b ? -1 : 1))
}

/** Files that change or count what the machine has only once: its links and firewall, its processors. */
const ALONE = ['network/', 'sandbox/totals', 'hostile/exhaustion']

export const runsAlone = (folder) => (file) => ALONE.some((part) => relative(folder, file).startsWith(part))

function walk(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return NOT_TESTS.includes(entry.name) ? [] : walk(path)
    return entry.name.endsWith('.test.ts') ? [path] : []
  })
}
