/** Where things are: every script works from the root of the checkout, from wherever it was called. */
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..')

export const inRoot = (...parts) => join(root, ...parts)
