/** The options of the density benchmark, and how it tells how far it is. */

/** The number that `--name=` gives, or the standard one. */
export function option(name: string, standard: number): number {
  const given = process.argv.find((each) => each.startsWith(`--${name}=`))
  if (!given) return standard
  const value = Number(given.split('=')[1])
  if (Number.isFinite(value) && value >= 0) return value
  console.error(`--${name} must be a number, such as --${name}=${standard}`)
  process.exit(1)
}

/** The parts that `--only=` names, or all. */
export function chosen(parts: string[]): string[] {
  const given = process.argv.find((each) => each.startsWith('--only='))?.slice('--only='.length)
  const wanted = given ? given.split(',') : parts
  const unknown = wanted.filter((name) => !parts.includes(name))
  if (unknown.length === 0) return wanted
  console.error(`--only knows ${parts.join(', ')}, not ${unknown.join(', ')}`)
  process.exit(1)
}

const began = performance.now()

/** A line for who waits, on standard error: standard output is for the numbers. */
export function progress(text: string): void {
  console.error(`${((performance.now() - began) / 1000).toFixed(0).padStart(4)} s  ${text}`)
}
