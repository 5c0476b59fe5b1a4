/** Decorations of lines: the quiet marks of other panes, and the highlight of a line that one is led to. */
import { locate } from '../../spec/pointer.ts'
import type { LineMark } from '../session/editor-commands.ts'
import type { FileDocument } from './file-document.ts'
import { monaco } from './monaco.ts'

const shown = new WeakMap<FileDocument, string[]>()

/** Marks the lines where the values begin, in place of all marks of before. */
export function showMarks(document: FileDocument, marks: readonly LineMark[]): void {
  const { text, model } = document
  const decorations = marks.flatMap(({ pointer, look, title }) => {
    const place = locate(text, pointer)
    if (!place) return []
    const at = model.getPositionAt(place.key?.from ?? place.from)
    const options: monaco.editor.IModelDecorationOptions = {
      linesDecorationsClassName: `lab-mark lab-mark-${look}`,
      linesDecorationsTooltip: title,
      stickiness: monaco.editor.TrackedRangeStickiness.NeverGrowsWhenTypingAtEdges,
    }
    return [{ range: new monaco.Range(at.lineNumber, 1, at.lineNumber, 1), options }]
  })
  shown.set(document, model.deltaDecorations(shown.get(document) ?? [], decorations))
}

const HIGHLIGHT_MS = 4000

/** One highlight at a time, which goes by itself. */
export class Highlight {
  #end: (() => void) | null = null

  show(model: monaco.editor.ITextModel, range: monaco.Range): void {
    this.clear()
    const ids = model.deltaDecorations(
      [],
      [
        { range, options: { className: 'lab-revealed-line', isWholeLine: true } },
        { range, options: { inlineClassName: 'lab-revealed' } },
      ],
    )
    const timer = setTimeout(() => this.clear(), HIGHLIGHT_MS)
    this.#end = () => {
      clearTimeout(timer)
      if (!model.isDisposed()) model.deltaDecorations(ids, [])
    }
  }

  clear(): void {
    this.#end?.()
    this.#end = null
  }
}
