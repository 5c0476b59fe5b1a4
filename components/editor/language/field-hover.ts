/** Explains the field under the pointer of the mouse. */
import { describe, type Field } from '../../../spec/fields/index.ts'
import { locate, pointerAt } from '../../../spec/pointer.ts'
import type { FileDocument } from '../file-document.ts'
import type { monaco } from '../monaco.ts'
import { isConfig } from './knowledge.ts'

export function hoverProvider(
  find: (model: monaco.editor.ITextModel) => FileDocument | null,
): monaco.languages.HoverProvider {
  return {
    provideHover(model, position) {
      const document = find(model)
      if (!document || !isConfig(document)) return null
      const { text } = document
      const offset = model.getOffsetAt(position)
      const pointer = pointerAt(text, offset)
      const place = locate(text, pointer)
      const field = describe(pointer)
      // Between values the innermost one is the object around: it is not what is pointed at.
      if (!place || !field || pointer === '') return null
      const onKey = place.key && offset >= place.key.from && offset <= place.key.to
      const isLeaf = !/[{[]/.test(text[place.from] ?? '')
      if (!onKey && !isLeaf) return null
      const from = onKey ? place.key!.from : place.from
      const to = onKey ? place.key!.to : place.to
      return { range: document.range(from, to), contents: [{ value: fieldMarkdown(pointer, field) }] }
    },
  }
}

export function fieldMarkdown(pointer: string, field: Field): string {
  const facts = [
    field.unit && `Unit: ${field.unit}`,
    field.default ? `\`runc spec\` writes: \`${field.default}\`` : '`runc spec` leaves it out',
    field.kernel && `Kernel: ${field.kernel}`,
  ].filter(Boolean)
  return [
    `**${field.title}** · \`${pointer || '/'}\``,
    field.what,
    `**runc:** ${field.runc}`,
    facts.map((fact) => `- ${fact}`).join('\n'),
    `\`\`\`json\n${field.example}\n\`\`\``,
  ].join('\n\n')
}
