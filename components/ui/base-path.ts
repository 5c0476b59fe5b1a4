/** Where the lab is below its origin: for the addresses that Next does not write by itself. */

/** Such as `/lab`; empty at the top. Fixed when the site is built (`LAB_BASE_PATH`). */
export const BASE_PATH = process.env.NEXT_PUBLIC_LAB_BASE_PATH ?? ''

/** `path` (which begins with a slash) as it has to stand in `fetch`, `src` or a plain `href`. Next's Link adds it itself. */
export const withBase = (path: string): string => `${BASE_PATH}${path}`
