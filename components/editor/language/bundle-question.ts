/** What a config.json says about files: which of them the sandbox has to be asked for. Pure. */
import type { BundleQuestion } from '../../../server/protocol/index.ts'
import { findNode, type Node, readTree } from '../../../spec/pointer.ts'

const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'
const MAX_LENGTH = 1024
const MAX_PATHS = 100

/** Null if the text cannot be read. */
export function bundleQuestion(text: string): BundleQuestion | null {
  const tree = readTree(text)
  if (tree?.type !== 'object') return null
  const value = (pointer: string) => {
    const found = findNode(tree, pointer)?.value
    return typeof found === 'string' && found !== '' && found.length < MAX_LENGTH && !found.includes('\0')
      ? found
      : null
  }
  const items = (pointer: string): Node[] => findNode(tree, pointer)?.children ?? []
  const name = value('/process/args/0')
  const env = items('/process/env').map((node) => String(node.value))
  const path = env.findLast((variable) => variable.startsWith('PATH='))?.slice(5) ?? DEFAULT_PATH
  const outside = new Set<string>()
  const add = (file: string | null) => {
    if (file && outside.size < MAX_PATHS) outside.add(file)
  }
  items('/mounts').forEach((mount, i) => {
    const options = findNode(mount, '/options')?.children?.map((option) => option.value) ?? []
    const isBind =
      value(`/mounts/${i}/type`) === 'bind' || options.includes('bind') || options.includes('rbind')
    if (isBind) add(value(`/mounts/${i}/source`))
  })
  for (const property of items('/hooks')) {
    const kind = String(property.children?.[0]?.value)
    // Those that run inside have their files in the rootfs.
    if (kind === 'startContainer') continue
    const count = property.children?.[1]?.children?.length ?? 0
    for (let i = 0; i < count; i++) add(value(`/hooks/${kind}/${i}/path`))
  }
  for (const i of items('/linux/namespaces').keys()) add(value(`/linux/namespaces/${i}/path`))
  return {
    rootfs: value('/root/path') ?? 'rootfs',
    program: name
      ? {
          name,
          path: path
            .slice(0, 32 * MAX_LENGTH)
            .split(':')
            .slice(0, 32),
        }
      : null,
    cwd: value('/process/cwd'),
    outside: [...outside],
  }
}
