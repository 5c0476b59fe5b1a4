/** One file of the sandbox as Monaco has it: a text that can be undone, kept the same as the file. */
import type { FileView } from '../../server/protocol/index.ts'
import { applyEdits, type TextEdit } from '../../spec/text.ts'
import type { SaveResult } from '../session/lab-client.ts'
import { FileSync, type SyncState } from './file-sync.ts'
import { LineEnds, unify } from './line-ends.ts'
import { minimalEdit } from './minimal-edit.ts'
import { monaco } from './monaco.ts'

export interface FileDocumentOptions {
  path: string
  save: (base: string | null, text: string) => Promise<SaveResult>
  onState: (state: SyncState) => void
}

export class FileDocument {
  readonly path: string
  readonly model: monaco.editor.ITextModel
  readonly sync: FileSync
  /** Scroll and cursor while another file is in front. */
  view: monaco.editor.ICodeEditorViewState | null = null
  readonly #ends = new LineEnds()
  #applying = false
  #loaded = false
  readonly #whenChanged = new Set<() => void>()

  constructor({ path, save, onState }: FileDocumentOptions) {
    this.path = path
    this.model = monaco.editor.createModel('', languageOf(path), monaco.Uri.file(path))
    this.model.setEOL(monaco.editor.EndOfLineSequence.LF)
    this.sync = new FileSync({
      editor: { get: () => this.fileText, set: (text) => this.#take(text) },
      save,
      onState: (state) => {
        onState(state)
        for (const check of this.#whenChanged) check()
      },
    })
    this.model.onDidChangeContent(({ changes }) => {
      if (this.#applying) return
      this.#ends.change(
        changes.map(({ range, text }) => ({
          startLine: range.startLineNumber,
          endLine: range.endLineNumber,
          text,
        })),
      )
      this.sync.edited()
    })
  }

  /** The file has been heard of. */
  get isLoaded(): boolean {
    return this.#loaded
  }

  get isJson(): boolean {
    return this.model.getLanguageId() === 'json'
  }

  /** The text with the file's own line ends. */
  get fileText(): string {
    return this.#ends.restore(this.text)
  }

  /** The text as the editor counts it: lines end with a line feed. */
  get text(): string {
    return this.model.getValue(monaco.editor.EndOfLinePreference.LF, true)
  }

  remote(file: FileView): void {
    this.#loaded = true
    this.sync.remote(file)
  }

  /** One step that can be undone. The edits speak of `text`. */
  edit(edits: readonly TextEdit[]): void {
    const { model } = this
    model.pushStackElement()
    model.pushEditOperations(
      null,
      edits.map(({ from, to, text }) => ({ range: this.range(from, to), text })),
      () => null,
    )
    model.pushStackElement()
  }

  /** What it would be after the edits. */
  preview(edits: readonly TextEdit[]): string {
    return applyEdits(this.text, edits)
  }

  /** Makes the text another one by one edit. */
  replace(text: string): void {
    const { start, end, text: added } = minimalEdit(this.text, unify(text))
    if (start !== end || added) this.edit([{ from: start, to: end, text: added }])
  }

  range(from: number, to: number): monaco.Range {
    return monaco.Range.fromPositions(this.model.getPositionAt(from), this.model.getPositionAt(to))
  }

  /** Saves now; resolves when that has succeeded, failed or met a conflict. */
  settled(): Promise<SyncState> {
    this.sync.retry()
    return new Promise((resolve) => {
      const check = () => {
        if (this.sync.state.kind === 'unsaved') return
        this.#whenChanged.delete(check)
        resolve(this.sync.state)
      }
      this.#whenChanged.add(check)
      check()
    })
  }

  dispose(): void {
    this.sync.retry()
    this.sync.dispose()
    this.model.dispose()
  }

  #take(text: string): void {
    const { start, end, text: added } = minimalEdit(this.text, unify(text))
    this.#applying = true
    this.model.pushStackElement()
    this.model.pushEditOperations(null, [{ range: this.range(start, end), text: added }], () => null)
    this.model.pushStackElement()
    this.#applying = false
    this.#ends.take(text)
  }
}

function languageOf(path: string): string {
  return path.endsWith('.json') ? 'json' : 'plaintext'
}
