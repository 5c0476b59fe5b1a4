/** Which hint comes next: one that fits the sandbox before those that are for everybody. Pure. */

/**
 * `conditional`: of each hint, whether it looks at the sandbox. `fits`: whether it fits now; null if nobody can tell, and
 * then conditional ones are left out. Null if there is no further hint.
 */
export function nextHint(
  conditional: readonly boolean[],
  fits: readonly boolean[] | null,
  shown: readonly number[],
): number | null {
  const open = conditional.map((_, index) => index).filter((index) => !shown.includes(index))
  const fitting = open.find((index) => conditional[index] && fits?.[index])
  return fitting ?? open.find((index) => !conditional[index]) ?? null
}
