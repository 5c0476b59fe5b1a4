/** Waits for conditions, never for milliseconds. */
import { setTimeout as sleep } from 'node:timers/promises'

/** Resolves with the first truthy result of `condition`; rejects with `what`, as it is then, after `timeoutMs`. */
export async function until<T>(
  what: string | (() => string),
  condition: () => T | Promise<T>,
  timeoutMs = 10_000,
): Promise<NonNullable<Awaited<T>>> {
  const deadline = Date.now() + timeoutMs
  for (;;) {
    const result = await condition()
    if (result) return result as NonNullable<Awaited<T>>
    if (Date.now() > deadline) {
      const wanted = typeof what === 'string' ? what : what()
      throw new Error(`waited ${timeoutMs} ms in vain until ${wanted}`)
    }
    await sleep(10)
  }
}
