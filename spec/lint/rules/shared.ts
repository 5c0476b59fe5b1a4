/** Questions that several rules ask about a decoded config. */
import type { LinuxNamespace, Spec } from '../../go/spec.ts'
import type { Context } from '../context.ts'

/** The namespace of a type, if the file asks for one. */
export const namespaceOf = (spec: Spec, type: string): LinuxNamespace | undefined =>
  spec.linux?.namespaces?.find((namespace) => namespace.type === type)

/** Whether the container gets a namespace of its own of that type: one that runc makes, not one that it joins. */
export const hasOwn = (spec: Spec, type: string): boolean => {
  const found = namespaceOf(spec, type)
  return found !== undefined && !found.path
}

/**
 * Whether the file is a fragment or meant for another kind of system, as some of the specification's own examples
 * are. What is missing in such a file is not yet a mistake.
 */
export function isFragment({ spec, decoded }: Context): boolean {
  const has = (pointer: string) => decoded.nodes.has(pointer)
  if (['/zos', '/solaris', '/windows', '/vm'].some(has) && !has('/linux/namespaces')) return true
  return !has('/mounts') && (!has('/linux') || !spec.process)
}

/** A path as the kernel walks it, without its symlinks: absolute, no `.`, no `..`, no double slash. */
export function clean(path: string): string {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '' && part !== '.') parts.push(part)
  }
  return `/${parts.join('/')}`
}

export const isInside = (path: string, folder: string) =>
  path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)

/** As Go prints a string with %q, for the strings that occur in configs. */
export const quoted = (text: string) => JSON.stringify(text)
