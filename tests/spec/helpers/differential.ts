/** The linter against real runc: the same spoilt configs for both, and where they disagree. */
import { lint } from '../../../spec/lint/index.ts'
import { FRESH } from './mistakes.ts'
import { type Mutant, mutants, SEEDS, spoilt } from './mutations.ts'
import { RuncBatch, type Verdict } from './runc-batch.ts'

export interface Disagreement {
  /** `false-refused`: runc takes what the linter calls refused. `missed`: runc refuses what it does not. */
  kind: 'false-refused' | 'missed'
  /** Of those missed: whether the linter had at least warned that it may fail. */
  warned: boolean
  name: string
  /** What runc said, or what the linter did. */
  words: string
}

export interface Comparison {
  count: number
  /** Refused by runc. */
  refused: number
  /** Refused by both. */
  found: number
  disagreements: Disagreement[]
  /** The unspoilt seeds that did not run; there must be none. */
  broken: string[]
}

/** What runc said, without what it puts before each message. */
function reason({ stderr }: Verdict): string {
  const line = stderr.split('\n').findLast((text) => /run failed|panic/.test(text)) ?? stderr.slice(-300)
  return line.replace(/^time="[^"]*" level=\w+ msg=/, '').slice(0, 300)
}

/** Runs `count` mutants of the generator's `seed` through both. */
export async function compare(seed: number, count: number, onDone = () => {}): Promise<Comparison> {
  const seeds: Mutant[] = Object.entries(SEEDS).map(([name, patch]) => ({ name, text: spoilt(FRESH, patch) }))
  const all = [...seeds, ...mutants(FRESH, seed, count)]
  const batch = await RuncBatch.start()
  let verdicts: Verdict[]
  try {
    verdicts = await batch.run(
      all.map(({ text }) => ({ config: text })),
      { onDone },
    )
  } finally {
    await batch.stop()
  }
  const result: Comparison = {
    count: all.length,
    refused: 0,
    found: 0,
    disagreements: [],
    broken: seeds.filter((_, i) => !verdicts[i]!.stdout.includes('it-ran')).map(({ name }) => name),
  }
  all.forEach(({ name, text }, i) => {
    const verdict = verdicts[i]!
    const found = lint(text)
    const refusals = found.filter(({ severity }) => severity === 'refused')
    // A run that hung until it was killed says nothing about either.
    if (verdict.status === 124 || verdict.status === 137) return
    if (verdict.refused) result.refused++
    if (verdict.refused && refusals.length > 0) result.found++
    else if (verdict.refused) {
      const warned = found.some(({ severity }) => severity === 'fails-later')
      result.disagreements.push({ kind: 'missed', warned, name, words: reason(verdict) })
    } else if (refusals.length > 0)
      result.disagreements.push({
        kind: 'false-refused',
        warned: false,
        name,
        words: refusals.map(({ id, pointer }) => `${id} at ${pointer}`).join(', '),
      })
  })
  return result
}
