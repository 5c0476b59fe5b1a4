/** Numbers and how they are told: one JSON line for each measurement, on standard output. */

/** The value below which a `share` of the samples lies. */
export function quantile(samples: number[], share: number): number {
  const sorted = [...samples].sort((a, b) => a - b)
  return sorted[Math.min(sorted.length - 1, Math.ceil(sorted.length * share) - 1)]!
}

const rounded = (value: number) => Number(value.toPrecision(4))

/** Prints `{"name","value","unit","n","p50","p95"}`, where `value` is the median. `wanted`: the bound on p95, for the reader. */
export function report(name: string, unit: string, samples: number[], wanted?: number): void {
  const p50 = rounded(quantile(samples, 0.5))
  const p95 = rounded(quantile(samples, 0.95))
  const verdict = wanted === undefined ? {} : { wanted, ok: p95 <= wanted }
  console.log(JSON.stringify({ name, value: p50, unit, n: samples.length, p50, p95, ...verdict }))
}

/** Prints one number that is no set of samples, such as a ratio. */
export function reportOne(
  name: string,
  unit: string,
  value: number,
  bound: { atMost?: number; atLeast?: number },
): void {
  const { atMost, atLeast } = bound
  const wanted = atMost ?? atLeast
  const verdict =
    wanted === undefined ? {} : { wanted, ok: atMost === undefined ? value >= wanted : value <= wanted }
  console.log(JSON.stringify({ name, value: rounded(value), unit, ...verdict }))
}

/** Milliseconds that `work` takes. */
export async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now()
  await work()
  return performance.now() - began
}

/** Calls `work` so many times, one after the other. */
export async function samples(count: number, work: (i: number) => Promise<number>): Promise<number[]> {
  const results: number[] = []
  for (let i = 0; i < count; i++) results.push(await work(i))
  return results
}
