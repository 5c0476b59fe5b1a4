/** How well and how fast the linter judges: against real runc on spoilt configs, and on a file of two thousand lines. */
import { applyPatch } from '../../spec/edit.ts'
import { lint } from '../../spec/lint/index.ts'
import { applyEdits } from '../../spec/text.ts'
import { compare } from '../spec/helpers/differential.ts'
import { FRESH } from '../spec/helpers/mistakes.ts'
import { report } from './measure.ts'

const COUNT = 600

/** `BENCH_SPEC_SEED` and `BENCH_SPEC_COUNT` choose other configs and how many. */
export async function benchSpec(): Promise<void> {
  const mounts = Array.from({ length: 330 }, (_, i) => ({
    op: 'add' as const,
    path: '/mounts/-',
    value: { destination: `/data/${i}`, type: 'tmpfs', source: 'tmpfs', options: ['nosuid'] },
  }))
  const long = applyEdits(FRESH, applyPatch(FRESH, mounts))
  const times = Array.from({ length: 30 }, (_, i) => {
    // Another text each time, as while somebody types.
    const text = long.replace('"runc"', `"runc${i}"`)
    const began = performance.now()
    lint(text)
    return performance.now() - began
  })
  report('spec.lint_2000_lines', 'ms', times.slice(3), 50)

  const seed = Number(process.env.BENCH_SPEC_SEED ?? 1)
  const count = Number(process.env.BENCH_SPEC_COUNT ?? COUNT)
  const { refused, found, disagreements, count: tried } = await compare(seed, count)
  const wrong = disagreements.filter(({ kind }) => kind === 'false-refused')
  const missed = disagreements.filter(({ kind }) => kind === 'missed')
  for (const { kind, warned, name, words } of disagreements)
    console.log(JSON.stringify({ name: `spec.${kind}`, warned, config: name, words }))
  console.log(
    JSON.stringify({
      name: 'spec.recall',
      value: Number((found / refused).toFixed(4)),
      unit: 'share of what runc refuses',
      n: tried,
      refused,
      found,
      missed: missed.length,
      'missed, but warned of': missed.filter(({ warned }) => warned).length,
      'false refused': wrong.length,
      wanted: 0.8,
      ok: found / refused >= 0.8 && wrong.length === 0,
    }),
  )
}
