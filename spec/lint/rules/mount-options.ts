/** How runc sorts the options of a mount: flags for the kernel, propagation, and data for the file system. */
import { MOUNT_FLAGS, MOUNT_OTHER, MOUNT_RECURSIVE, PROPAGATIONS } from '../names.ts'

export interface Options {
  flags: string[]
  propagation: string[]
  recursive: string[]
  other: string[]
  /** Everything else goes to the file system, joined with commas. */
  data: string[]
}

const includes = (list: readonly string[], word: string) => list.includes(word)

export function parseOptions(options: readonly string[]): Options {
  const sorted: Options = { flags: [], propagation: [], recursive: [], other: [], data: [] }
  for (const option of options) {
    if (includes(MOUNT_FLAGS, option)) sorted.flags.push(option)
    else if (includes(PROPAGATIONS, option)) sorted.propagation.push(option)
    else if (includes(MOUNT_RECURSIVE, option)) sorted.recursive.push(option)
    else if (includes(MOUNT_OTHER, option)) sorted.other.push(option)
    else sorted.data.push(option)
  }
  return sorted
}

export const isBind = ({ flags }: Options): boolean => flags.includes('bind') || flags.includes('rbind')
