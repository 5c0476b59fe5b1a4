/** Offers what may be written at the cursor: keys, values and entries, with what they mean. */
import { complete, type Machine } from '../../../spec/complete/index.ts'
import { describe } from '../../../spec/fields/index.ts'
import type { FileDocument } from '../file-document.ts'
import { monaco } from '../monaco.ts'
import { fieldMarkdown } from './field-hover.ts'
import { isConfig, type Knowledge } from './knowledge.ts'

const KINDS = {
  key: monaco.languages.CompletionItemKind.Property,
  value: monaco.languages.CompletionItemKind.EnumMember,
  entry: monaco.languages.CompletionItemKind.Snippet,
}

export function completionProvider(
  knowledge: Knowledge,
  find: (model: monaco.editor.ITextModel) => FileDocument | null,
): monaco.languages.CompletionItemProvider {
  return {
    triggerCharacters: ['"', ':', ',', '[', '{', ' '],
    provideCompletionItems(model, position) {
      const document = find(model)
      if (!document || !isConfig(document)) return { suggestions: [] }
      const { replace, items } = complete(document.text, model.getOffsetAt(position), machineOf(knowledge))
      const range = document.range(replace.from, replace.to)
      const suggestions = items.map(({ label, kind, insert, detail, pointer }, index) => {
        const field = kind === 'entry' ? null : describe(pointer)
        return {
          label: detail ? { label, description: detail } : label,
          kind: KINDS[kind],
          insertText: insert,
          insertTextRules: monaco.languages.CompletionItemInsertTextRule.InsertAsSnippet,
          // What is typed already may have its quote.
          filterText: kind === 'entry' ? label : JSON.stringify(label),
          sortText: `${kind === 'entry' ? 1 : 0}${String(index).padStart(5, '0')}`,
          documentation: field ? { value: fieldMarkdown(pointer, field) } : undefined,
          range,
        }
      })
      return { suggestions }
    },
  }
}

const read = new WeakMap<object, Machine>()

/** What the machine has, as it said itself. */
function machineOf({ host }: Knowledge): Machine {
  if (!host) return {}
  const known = read.get(host)
  if (known) return known
  const { capabilities, filesystems, sysctls } = host
  const machine: Machine = {
    ...(capabilities.length > 0 && { capabilities }),
    ...(filesystems.length > 0 && { filesystems }),
    ...(sysctls.length > 0 && { sysctls }),
    ...mountOptions(host.features),
  }
  read.set(host, machine)
  return machine
}

function mountOptions(features: string): Pick<Machine, 'mountOptions'> {
  try {
    const options: unknown = JSON.parse(features)?.mountOptions
    return Array.isArray(options) && options.length > 0 ? { mountOptions: options.map(String) } : {}
  } catch {
    return {}
  }
}
