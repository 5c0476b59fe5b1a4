/** Values of another type than the one runc reads: the first of them is runc's message. */
import { type Json, Raw, replaceAt } from '../edit.ts'
import type { Misfit } from '../go/decode.ts'
import { pointerOf } from '../pointer.ts'
import type { Context } from './context.ts'
import { failed, type Report } from './diagnostic.ts'

const WORDS: Record<string, string> = {
  string: 'a string in double quotes',
  bool: 'true or false, without quotes',
  int: 'a whole number',
  int32: 'a whole number from -2147483648 to 2147483647',
  int64: 'a whole number',
  uint: 'a whole number, not negative',
  uint16: 'a whole number from 0 to 65535',
  uint32: 'a whole number from 0 to 4294967295',
  uint64: 'a whole number from 0 to 18446744073709551615',
  'fs.FileMode': 'a whole number, in decimal',
  '[]string': 'a list of strings',
}

function wanted(type: string): string {
  if (WORDS[type]) return WORDS[type]
  if (type.startsWith('[]')) return 'a list of objects'
  return 'an object'
}

/** A value that is meant, where that is plain. */
function better(text: string, { node, type }: Misfit): Json | undefined {
  const raw = text.slice(node.offset, node.offset + node.length)
  const max = '18446744073709551615'
  if (
    node.type === 'number' &&
    type === 'uint64' &&
    (raw === '-1' || /^184467440737095\d{5}$/.test(raw) || /^1\.8446744073709552e\+?19$/i.test(raw))
  )
    return new Raw(max)
  if (node.type === 'number' && type === 'int64' && /^9223372036854775[89]\d\d$/.test(raw))
    return new Raw('9223372036854775807')
  if (node.type === 'number' && type.includes('int')) {
    const value = Number(raw)
    if (Number.isSafeInteger(value) && (value >= 0 || !type.startsWith('uint'))) return value
  }
  if (node.type === 'number' && type === 'string') return raw
  if (node.type === 'boolean' && type === 'string') return raw
  if (node.type === 'string') {
    const value = String(node.value).trim()
    if (type === 'bool' && /^(true|false)$/i.test(value)) return value.toLowerCase() === 'true'
    if (type.includes('int') || type === 'fs.FileMode') {
      if (type === 'fs.FileMode' && /^0?[0-7]{3,4}$/.test(value)) return Number.parseInt(value, 8)
      if (/^-?(0|[1-9]\d*)$/.test(value) && !(type.startsWith('uint') && value.startsWith('-')))
        return new Raw(value)
      if (/^(unlimited|infinity|max)$/i.test(value))
        return type === 'uint64' ? new Raw(max) : type === 'int64' ? -1 : undefined
      const size = /^(\d+)\s*([kmgt])(i?b)?$/i.exec(value)
      if (size) return Number(size[1]) * 1024 ** ('kmgt'.indexOf(size[2]!.toLowerCase()) + 1)
    }
    if (type === '[]string') return [String(node.value)]
  }
  return undefined
}

function wrapped(text: string, { node, type }: Misfit): Json | undefined {
  const raw = text.slice(node.offset, node.offset + node.length)
  if (type === 'specs.LinuxNamespace' && node.type === 'string') return { type: String(node.value) }
  if (type === 'specs.LinuxPids' && node.type === 'number') return { limit: new Raw(raw) }
  if (type === 'specs.LinuxMemory' && node.type === 'number') return { limit: new Raw(raw) }
  if (type === 'specs.Root' && node.type === 'string') return { path: String(node.value) }
  if (type === 'specs.Hook' && node.type === 'string') return { path: String(node.value) }
  if (type === 'specs.User' && (node.value === 'root' || node.type === 'number')) {
    const id = node.value === 'root' ? 0 : new Raw(raw)
    return { uid: id, gid: id }
  }
  if (type.startsWith('[]specs.') && node.type === 'object') return [new Raw(raw)]
  return undefined
}

export function typeRules(context: Context): void {
  const { text, decoded, tree } = context
  if (tree.type === 'null') {
    context.reportAt(
      {
        id: 'json-null',
        severity: 'refused',
        pointer: '',
        message: 'The file says null.',
        runc: failed('config cannot be null'),
        why: 'runc needs an object.',
      },
      tree,
    )
    return
  }
  for (const misfit of decoded.misfits) {
    const { node, message, type } = misfit
    const pointer = pointerOf(node)
    const raw = text.slice(node.offset, node.offset + node.length)
    const rounded =
      node.type === 'number' && /^(18446744073709552000|9223372036854776000)$|e\+?\d+$/i.test(raw)
    const id = rounded
      ? 'number-rounded'
      : node.type === 'number' && /number [-\d]/.test(message)
        ? 'number-range'
        : 'type-mismatch'
    const value = better(text, misfit) ?? wrapped(text, misfit)
    const shown = raw.length > 40 ? `${raw.slice(0, 37)}…` : raw
    const fix: Report['fix'] =
      value === undefined
        ? null
        : {
            title:
              value instanceof Raw || typeof value !== 'object'
                ? `Write ${value instanceof Raw ? value.raw : JSON.stringify(value)}`
                : 'Write it in the form that is wanted',
            edits: () => replaceAt(text, pointer, value),
          }
    context.reportAt(
      {
        id,
        severity: 'refused',
        pointer,
        message: `This must be ${wanted(type)}, not ${shown}.`,
        runc: failed(message),
        why: rounded
          ? 'A tool that keeps numbers as floating point, such as JavaScript, has rounded this one when it wrote the file.'
          : 'runc reads the file into fixed Go types; what does not fit ends the reading.',
        fix,
      },
      node,
      pointer,
    )
  }
}
