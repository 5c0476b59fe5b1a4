/** What panes may ask of the editor and hear from it. Knows no editor: what is asked before there is one waits for it. */

import type { FileView } from '../../server/protocol/index.ts'
import type { PatchOperation } from '../../spec/edit.ts'
import type { LabClient } from './lab-client.ts'

/** Where the lesson's bundle is. */
export const CONFIG_PATH = '/tmp/mycontainer/config.json'

/** A value in a JSON file of the sandbox. `pointer` is a JSON Pointer (RFC 6901); '' is the whole document. */
export interface EditorPlace {
  file: string
  pointer: string
}

/** A quiet mark beside the line where a value begins. */
export interface LineMark {
  pointer: string
  look: 'in-force' | 'differs' | 'edited'
  /** Shown when one points at it. */
  title: string
}

/** A change of a file: as operations on its values, or as its new text. Either becomes the fewest characters that do it. */
export type Change = { patch: readonly PatchOperation[] } | { text: string }

/** `changed` is false if the file was like that already. `why` is a sentence for the learner. */
export type EditResult = { applied: true; changed: boolean } | { applied: false; why: string }

/** What to compare the editor's text with. */
export type Comparison = Change & {
  /** Names the other side, such as "The goal of this step". */
  title: string
  file?: string
}

/** What one can have the editor do with the file in front. `outline`: go to a field; `insert`: a piece of config. */
export type EditorCommand = 'outline' | 'insert' | 'find'

/** The editor, as this module needs it. Files are loaded by it when they are asked for. */
export interface EditorBackend {
  reveal(place: EditorPlace, focus: boolean): void
  /** All marks of a file, in place of those of before. */
  mark(file: string, marks: readonly LineMark[]): void
  compare(comparison: Comparison & { file: string }): void
  edit(file: string, change: Change): Promise<EditResult>
  /** What stands in the editor now, saved or not; null if the file is not loaded. */
  text(file: string): string | null
  command(name: EditorCommand): void
}

export interface EditorState {
  /** Files with a tab, in their order; never empty. */
  files: readonly string[]
  /** The one in front. */
  file: string
  /** Where the cursor is; null while the file in front is no JSON, or is not there. */
  cursor: EditorPlace | null
}

/** The editor is fetched with the first file: on a slow connection that takes its time. */
const BACKEND_MS = 30_000
const FILE_MS = 10_000

export const INITIAL_EDITOR: EditorState = { files: [CONFIG_PATH], file: CONFIG_PATH, cursor: null }

export class EditorCommands {
  readonly #client: LabClient
  #state: EditorState = INITIAL_EDITOR
  readonly #listeners = new Set<() => void>()
  readonly #onAttention = new Set<() => void>()
  #backend: EditorBackend | null = null
  #sandbox: string | null = null
  /** What the backend shall show once it is there: the last wish only. */
  #wish: ((backend: EditorBackend) => void) | null = null
  #waiting = new Set<(backend: EditorBackend) => void>()
  /** By file, then by owner. */
  readonly #marks = new Map<string, Map<string, readonly LineMark[]>>()

  constructor(client: LabClient) {
    this.#client = client
  }

  get state(): EditorState {
    return this.#state
  }

  /** Calls `listener` after every change of `state`. Returns how to stop. */
  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Calls `listener` when something asks the learner to look at the editor. Returns how to stop. */
  onAttention(listener: () => void): () => void {
    this.#onAttention.add(listener)
    return () => this.#onAttention.delete(listener)
  }

  /** Brings a file to the front, in a tab of its own. It need not exist. */
  open(file: string): void {
    this.#show(file)
    this.#tellAttention()
  }

  /** Takes a file's tab away; the last one stays. */
  close(file: string): void {
    const { files } = this.#state
    if (files.length === 1) return
    const left = files.filter((each) => each !== file)
    if (file !== this.#state.file) return this.#set({ ...this.#state, files: left })
    const neighbour = left[Math.max(files.indexOf(file) - 1, 0)]!
    this.#set({ files: left, file: neighbour, cursor: null })
  }

  /**
   * Scrolls to a value and highlights it; `focus` also puts the cursor there. What is not there: the nearest that is.
   * `quietly`: without asking for the learner's attention, as where another pane has it.
   */
  revealPointer(pointer: string, { file = CONFIG_PATH, focus = false, quietly = false } = {}): void {
    this.#show(file)
    this.#want((backend) => backend.reveal({ file, pointer }, focus))
    if (!quietly) this.#tellAttention()
  }

  /** Shows the editor's text beside another one. */
  showDiff(comparison: Comparison): void {
    const { file = CONFIG_PATH } = comparison
    this.#show(file)
    this.#want((backend) => backend.compare({ ...comparison, file }))
    this.#tellAttention()
  }

  command(name: EditorCommand): void {
    this.#want((backend) => backend.command(name))
  }

  /** Sets what `owner` has to say beside the lines of a file; an empty list takes it back. */
  setMarks(owner: string, file: string, marks: readonly LineMark[]): void {
    const owners = this.#marks.get(file) ?? new Map<string, readonly LineMark[]>()
    this.#marks.set(file, owners.set(owner, marks))
    this.#backend?.mark(file, [...owners.values()].flat())
  }

  /** Changes a file as one step that can be undone, and saves it. Never rejects. */
  async applyEdit({ file = CONFIG_PATH, ...change }: Change & { file?: string }): Promise<EditResult> {
    const stop = this.#client.watchFile(file)
    try {
      const view = await this.#fileView(file)
      if (!view) return { applied: false, why: 'The sandbox does not answer. Try again when it is ready.' }
      if (view.state === 'unreadable')
        return { applied: false, why: `${file} cannot be changed here: ${view.why}.` }
      if (view.state === 'absent' && 'text' in change) return await this.#create(file, change.text)
      if (view.state === 'absent')
        return { applied: false, why: `There is no ${file} yet: make it first, as the lesson says.` }
      this.#show(file)
      const backend = await this.#whenThere()
      if (!backend) return { applied: false, why: 'The editor could not be loaded. Reload the page.' }
      return await backend.edit(file, change)
    } finally {
      stop()
    }
  }

  /** What stands in the editor now, saved or not; or what is known of the file; null if neither. */
  text(file = CONFIG_PATH): string | null {
    const view = this.#client.view.files[file]
    return this.#backend?.text(file) ?? (view?.state === 'text' ? view.text : null)
  }

  /** For the editor: from now on it is asked. Returns how to end that. */
  attach(backend: EditorBackend): () => void {
    this.#backend = backend
    for (const [file, owners] of this.#marks) backend.mark(file, [...owners.values()].flat())
    this.#wish?.(backend)
    this.#wish = null
    for (const waiting of this.#waiting) waiting(backend)
    this.#waiting.clear()
    return () => {
      if (this.#backend === backend) this.#backend = null
    }
  }

  /** For the editor: where the cursor is. */
  cursorAt(cursor: EditorPlace | null): void {
    const before = this.#state.cursor
    if (before?.pointer === cursor?.pointer && before?.file === cursor?.file) return
    this.#set({ ...this.#state, cursor })
  }

  /** The sandbox that the files are of: of another one nothing is open; of this one what a reload has closed. */
  belongTo(sandbox: string): void {
    if (this.#sandbox === sandbox) return
    const isFirst = this.#sandbox === null
    this.#sandbox = sandbox
    const stored = readTabs(sandbox)
    if (!isFirst) {
      this.#wish = null
      this.#marks.clear()
      this.#set(stored ?? INITIAL_EDITOR)
    } else if (stored && this.#state === INITIAL_EDITOR) this.#set(stored)
  }

  #show(file: string): void {
    const { files } = this.#state
    if (this.#state.file === file) return
    this.#set({ files: files.includes(file) ? files : [...files, file], file, cursor: null })
  }

  #want(wish: (backend: EditorBackend) => void): void {
    if (this.#backend) wish(this.#backend)
    else this.#wish = wish
  }

  async #create(file: string, text: string): Promise<EditResult> {
    try {
      const { saved } = await this.#client.saveFile(file, null, text)
      if (saved) return { applied: true, changed: true }
      return { applied: false, why: `${file} has just been made by something else. Try again.` }
    } catch (error) {
      const { message } = error as Error
      return { applied: false, why: message || 'The connection is lost. Try again when it is back.' }
    }
  }

  /** The file as soon as it is known. */
  #fileView(file: string): Promise<FileView | null> {
    const look = () => this.#client.view.files[file] ?? null
    const now = look()
    if (now) return Promise.resolve(now)
    return new Promise<FileView | null>((resolve) => {
      const end = () => {
        clearTimeout(giveUp)
        stop()
        resolve(look())
      }
      const giveUp = setTimeout(end, FILE_MS)
      const stop = this.#client.subscribe(() => {
        if (look()) end()
      })
    })
  }

  #whenThere(): Promise<EditorBackend | null> {
    if (this.#backend) return Promise.resolve(this.#backend)
    return new Promise((resolve) => {
      const giveUp = setTimeout(() => {
        this.#waiting.delete(found)
        resolve(null)
      }, BACKEND_MS)
      const found = (backend: EditorBackend) => {
        clearTimeout(giveUp)
        resolve(backend)
      }
      this.#waiting.add(found)
    })
  }

  #tellAttention(): void {
    for (const listener of this.#onAttention) listener()
  }

  #set(state: EditorState): void {
    const { files, file } = state
    if (this.#sandbox && (files !== this.#state.files || file !== this.#state.file))
      writeTabs(this.#sandbox, files, file)
    this.#state = state
    for (const listener of this.#listeners) listener()
  }
}

const TABS_KEY = 'runclab.tabs'

function readTabs(sandbox: string): EditorState | null {
  try {
    const stored = JSON.parse(sessionStorage.getItem(TABS_KEY) ?? 'null')
    const { files, file } = stored
    const isValid = stored.sandbox === sandbox && Array.isArray(files) && files.includes(file)
    return isValid ? { files: files.map(String), file: String(file), cursor: null } : null
  } catch {
    // Nothing is stored, or storage is blocked.
    return null
  }
}

function writeTabs(sandbox: string, files: readonly string[], file: string): void {
  try {
    sessionStorage.setItem(TABS_KEY, JSON.stringify({ sandbox, files, file }))
  } catch {
    // Storage is blocked: a reload then shows the first file.
  }
}
