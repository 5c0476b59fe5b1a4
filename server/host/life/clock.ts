/** Time for everything that waits or ages: it never jumps, whatever is done to the date, and all processes since boot share it. */
import fs from 'node:fs'

/** Milliseconds since this machine was booted (CLOCK_MONOTONIC). */
export const now = (): number => Number(process.hrtime.bigint() / 1_000_000n)

/** Another after every boot: times of `now` are comparable only within one. Empty where the kernel does not tell. */
export function bootId(): string {
  try {
    return fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
