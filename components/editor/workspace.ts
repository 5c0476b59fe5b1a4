/** The files that are open in one Monaco editor, and what the rest of the page asks of them. Knows no React. */

import { TASKS } from '../../spec/complete/tasks.ts'
import { applyPatch, EditError } from '../../spec/edit.ts'
import type { Diagnostic } from '../../spec/lint/index.ts'
import { locate, parsePointer, pointerAt } from '../../spec/pointer.ts'
import type {
  Change,
  Comparison,
  EditorBackend,
  EditorCommand,
  EditorCommands,
  EditorPlace,
  EditResult,
  LineMark,
} from '../session/editor-commands.ts'
import type { LabClient } from '../session/lab-client.ts'
import { EDITOR_OPTIONS } from './editor-options.ts'
import { FileDocument } from './file-document.ts'
import type { SyncState } from './file-sync.ts'
import { teach } from './language/index.ts'
import { Knowledge } from './language/knowledge.ts'
import { Highlight, showMarks } from './line-marks.ts'
import { minimalEdit } from './minimal-edit.ts'
import { monaco } from './monaco.ts'

/** The editor's text is shown beside this one. */
export interface ShownComparison {
  title: string
  text: string
}

export interface WorkspaceView {
  sync: Readonly<Record<string, SyncState>>
  /** Of files that are compared with something. */
  comparisons: Readonly<Record<string, ShownComparison>>
  /** Something asked for could not be done, in a sentence. */
  trouble: string | null
  /** The learner chooses a common change. */
  isInserting: boolean
}

const CURSOR_PAUSE_MS = 60
/** After this the panes have the sizes that they keep. */
const SETTLED_MS = 300

export const EMPTY_VIEW: WorkspaceView = { sync: {}, comparisons: {}, trouble: null, isInserting: false }

const COMMANDS: Record<Exclude<EditorCommand, 'insert'>, string> = {
  outline: 'editor.action.quickOutline',
  find: 'actions.find',
}

export class Workspace implements EditorBackend {
  readonly editor: monaco.editor.IStandaloneCodeEditor
  readonly #client: LabClient
  readonly #commands: EditorCommands
  readonly #documents = new Map<string, { document: FileDocument; unwatch: () => void }>()
  readonly #listeners = new Set<() => void>()
  /** What waits for a file to be heard of. */
  readonly #onceLoaded = new Map<string, (document: FileDocument) => void>()
  readonly #marks = new Map<string, readonly LineMark[]>()
  readonly #highlight = new Highlight()
  readonly knowledge: Knowledge
  #view: WorkspaceView = EMPTY_VIEW
  #front: FileDocument | null = null
  #cursorTimer: ReturnType<typeof setTimeout> | null = null
  readonly #stops: (() => void)[]

  constructor(host: HTMLElement, client: LabClient, commands: EditorCommands) {
    this.#client = client
    this.#commands = commands
    this.editor = monaco.editor.create(host, { ...EDITOR_OPTIONS, model: null })
    // People press it; it has happened already, or happens now.
    this.editor.addCommand(monaco.KeyMod.CtrlCmd | monaco.KeyCode.KeyS, () => this.#front?.sync.retry())
    this.editor.onDidChangeCursorPosition(() => this.#tellCursor())
    this.editor.onDidChangeModelContent(() => this.#tellCursor())
    this.knowledge = new Knowledge(client)
    this.#stops = [
      teach(this.knowledge, (model) => this.find(model)),
      client.subscribe(() => this.#hear()),
      commands.subscribe(() => this.#follow()),
    ]
    this.#follow()
    this.#stops.push(commands.attach(this))
  }

  get view(): WorkspaceView {
    return this.#view
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  get front(): FileDocument | null {
    return this.#front
  }

  find(model: monaco.editor.ITextModel): FileDocument | null {
    for (const { document } of this.#documents.values()) if (document.model === model) return document
    return null
  }

  reveal({ file, pointer }: EditorPlace, focus: boolean): void {
    this.#whenLoaded(file, (document) => {
      this.#compare(file, null)
      const place = nearest(document.text, pointer)
      const range = document.range(place.from, place.to)
      this.editor.revealRangeInCenterIfOutsideViewport(range, monaco.editor.ScrollType.Smooth)
      // What else appears now, such as an explanation, may take the room away.
      setTimeout(() => {
        if (this.#front === document) this.editor.revealRangeInCenterIfOutsideViewport(range)
      }, SETTLED_MS)
      this.#highlight.show(document.model, range)
      if (!focus) return
      this.editor.setPosition(range.getStartPosition())
      this.editor.focus()
    })
  }

  mark(file: string, marks: readonly LineMark[]): void {
    this.#marks.set(file, marks)
    const document = this.#documents.get(file)?.document
    if (document?.isLoaded) showMarks(document, marks)
  }

  compare({ file, title, ...change }: Comparison & { file: string }): void {
    this.#whenLoaded(file, (document) => {
      try {
        this.#compare(file, { title, text: document.preview(editsFor(document, change)) })
      } catch (error) {
        if (!(error instanceof EditError)) throw error
        this.#set({ trouble: `${title} cannot be shown: ${error.message}` })
      }
    })
  }

  endComparison(file: string): void {
    this.#compare(file, null)
    this.editor.focus()
  }

  async edit(file: string, change: Change): Promise<EditResult> {
    const document = await new Promise<FileDocument>((resolve) => this.#whenLoaded(file, resolve))
    if (document.sync.state.kind === 'conflict')
      return {
        applied: false,
        why: 'First say which version of the file stays: it was changed on both sides.',
      }
    try {
      const edits = editsFor(document, change)
      if (edits.length > 0) document.edit(edits)
      const state = await document.settled()
      if (state.kind === 'failed') return { applied: false, why: `It could not be saved: ${state.why}.` }
      if (state.kind === 'conflict')
        return {
          applied: false,
          why: 'The file was changed in the sandbox meanwhile: say which version stays.',
        }
      return { applied: true, changed: edits.length > 0 }
    } catch (error) {
      if (!(error instanceof EditError)) throw error
      return { applied: false, why: error.message }
    }
  }

  text(file: string): string | null {
    const document = this.#documents.get(file)?.document
    return document?.isLoaded && document.sync.state.kind !== 'absent' ? document.fileText : null
  }

  /** A sentence over the editor; null takes it away. */
  say(trouble: string | null): void {
    if (trouble !== this.#view.trouble) this.#set({ trouble })
  }

  command(name: EditorCommand): void {
    this.#compare(this.#commands.state.file, null)
    if (name === 'insert') return this.#set({ isInserting: true })
    this.editor.focus()
    void this.editor.getAction(COMMANDS[name])?.run()
  }

  /** Puts the cursor there and shows it. */
  goTo(document: FileDocument, offset: number): void {
    const position = document.model.getPositionAt(offset)
    this.#compare(document.path, null)
    this.editor.setPosition(position)
    this.editor.revealPositionInCenterIfOutsideViewport(position)
    this.editor.focus()
  }

  /** Makes a common change of the file in front; null: none was chosen. */
  insert(id: string | null): void {
    this.#set({ isInserting: false })
    const task = TASKS.find((each) => each.id === id)
    const document = this.#front
    if (!task || !document) return this.editor.focus()
    try {
      document.edit(task.edits(document.text))
      this.reveal({ file: document.path, pointer: task.pointer }, true)
    } catch (error) {
      if (!(error instanceof EditError)) throw error
      this.say(`“${task.title}” does not fit this file: ${error.message}`)
    }
  }

  /** Mends what the linter found, if it still finds it. */
  fix(document: FileDocument, found: Diagnostic): void {
    const now = this.knowledge
      .fresh(document)
      .find(({ id, pointer, fix }) => fix && id === found.id && pointer === found.pointer)
    if (!now?.fix) return this.say('The file has changed meanwhile: this fix does not fit any more.')
    document.edit(now.fix.edits)
    this.goTo(document, Math.min(now.from, document.text.length))
  }

  dispose(): void {
    for (const stop of this.#stops) stop()
    if (this.#cursorTimer) clearTimeout(this.#cursorTimer)
    this.#highlight.clear()
    this.editor.dispose()
    for (const { document, unwatch } of this.#documents.values()) {
      unwatch()
      document.dispose()
    }
    this.knowledge.dispose()
  }

  /** Opens, closes and brings to the front what has a tab. */
  #follow(): void {
    const { files, file } = this.#commands.state
    for (const path of files) if (!this.#documents.has(path)) this.#open(path)
    for (const [path, { document, unwatch }] of this.#documents) {
      if (files.includes(path)) continue
      unwatch()
      this.knowledge.remove(document)
      document.dispose()
      this.#documents.delete(path)
      this.#compare(path, null)
    }
    const next = this.#documents.get(file)!.document
    if (next === this.#front) return
    if (this.#front && this.#documents.has(this.#front.path)) this.#front.view = this.editor.saveViewState()
    this.#front = next
    this.editor.setModel(next.model)
    this.editor.restoreViewState(next.view)
    this.editor.updateOptions({ ariaLabel: next.path })
    this.#applyReadOnly()
    this.#tell()
    this.#tellCursor()
  }

  #applyReadOnly(): void {
    this.editor.updateOptions({ readOnly: this.#front?.sync.state.kind === 'read-only' })
  }

  #open(path: string): void {
    const document = new FileDocument({
      path,
      save: (base, text) => this.#client.saveFile(path, base, text),
      onState: (state) => {
        this.#set({ sync: { ...this.#view.sync, [path]: state } })
        if (this.#front?.path === path) this.#applyReadOnly()
      },
    })
    this.#documents.set(path, { document, unwatch: this.#client.watchFile(path) })
    this.knowledge.add(document)
    this.#hear()
  }

  /** The files as the sandbox has them now. */
  readonly #heard = new Map<string, unknown>()
  #hear(): void {
    const { files } = this.#client.view
    for (const [path, { document }] of this.#documents) {
      const file = files[path]
      if (!file || this.#heard.get(path) === file) continue
      this.#heard.set(path, file)
      document.remote(file)
      const waiting = this.#onceLoaded.get(path)
      if (file.state === 'text') {
        this.#onceLoaded.delete(path)
        waiting?.(document)
        const marks = this.#marks.get(path)
        if (marks) showMarks(document, marks)
      }
    }
  }

  #whenLoaded(file: string, act: (document: FileDocument) => void): void {
    const document = this.#documents.get(file)?.document
    if (document?.isLoaded && document.sync.state.kind !== 'absent') act(document)
    else this.#onceLoaded.set(file, act)
  }

  #compare(file: string, comparison: ShownComparison | null): void {
    if (!comparison && !this.#view.comparisons[file]) return
    const { [file]: _, ...others } = this.#view.comparisons
    this.#set({ comparisons: comparison ? { ...others, [file]: comparison } : others })
  }

  #tellCursor(): void {
    this.#cursorTimer ??= setTimeout(() => {
      this.#cursorTimer = null
      const document = this.#front
      const position = this.editor.getPosition()
      if (!document?.isJson || !document.isLoaded || !position) return this.#commands.cursorAt(null)
      const pointer = pointerAt(document.text, document.model.getOffsetAt(position))
      this.#commands.cursorAt({ file: document.path, pointer })
    }, CURSOR_PAUSE_MS)
  }

  #set(change: Partial<WorkspaceView>): void {
    this.#view = { ...this.#view, ...change }
    this.#tell()
  }

  #tell(): void {
    for (const listener of this.#listeners) listener()
  }
}

function editsFor(document: FileDocument, change: Change) {
  if ('patch' in change) return applyPatch(document.text, change.patch)
  const { start, end, text } = minimalEdit(document.text, change.text)
  return start === end && !text ? [] : [{ from: start, to: end, text }]
}

/** The value that a pointer names with its key, or the innermost one around it that is there. */
function nearest(text: string, pointer: string): { from: number; to: number } {
  for (let parts = parsePointer(pointer); ; parts = parts.slice(0, -1)) {
    const place = locate(
      text,
      parts.map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`).join(''),
    )
    if (place) return { from: place.key?.from ?? place.from, to: place.to }
    if (parts.length === 0) return { from: 0, to: 0 }
  }
}
