/**
 * Keeps an editor's text and a file of the sandbox the same, both ways, and loses neither side's work. Knows no editor
 * and no socket.
 *
 * Safety: what the learner typed is overwritten only when they say so, and so is what the sandbox wrote. Liveness: typed
 * text is saved after a pause, and again after every failure that passes.
 */
import type { FileView } from '../../server/protocol/index.ts'
import type { SaveResult } from '../session/lab-client.ts'

export type SyncState =
  /** The editor has not been told about the file yet. */
  | { kind: 'unknown' }
  | { kind: 'absent' }
  | { kind: 'unreadable'; why: string }
  | { kind: 'saved' }
  /** Shown, but nobody can write it. */
  | { kind: 'read-only' }
  /** Typed and not saved yet, or on its way. */
  | { kind: 'unsaved' }
  /** Both sides have changed. `theirs` is null if the file was removed. */
  | { kind: 'conflict'; theirs: string | null }
  /** The sandbox could not write it; typing on, or `retry`, tries again. */
  | { kind: 'failed'; why: string }

export interface EditorText {
  get(): string
  /** Replaces the text as an edit that can be undone; not reported back through `edited`. */
  set(text: string): void
}

export interface FileSyncOptions {
  editor: EditorText
  save: (base: string | null, text: string) => Promise<SaveResult>
  onState: (state: SyncState) => void
  /** Pause in typing after which the text is saved, in milliseconds. */
  pauseMs?: number
}

type Text = Extract<FileView, { state: 'text' }>

export class FileSync {
  readonly #options: FileSyncOptions
  #state: SyncState = { kind: 'unknown' }
  /** The version of the file that the editor's text is based on; null: there was none. */
  #base: string | null = null
  /** What the last save tried to write: after a broken connection the file may be just that. */
  #attempted: string | null = null
  #saving = false
  #timer: ReturnType<typeof setTimeout> | null = null
  /** Heard while a save was under way. */
  #later: FileView | null = null
  #theirs: FileView | null = null

  constructor(options: FileSyncOptions) {
    this.#options = options
  }

  get state(): SyncState {
    return this.#state
  }

  /** The file is like this in the sandbox now. */
  remote(file: FileView): void {
    if (this.#saving) {
      this.#later = file
      return
    }
    const typed = this.#hasUnsaved()
    if (file.state === 'text') return typed ? this.#remoteOverTyped(file) : this.#adopt(file)
    if (typed && file.state === 'unreadable') return this.#set({ kind: 'failed', why: file.why })
    if (typed) return this.#base === null ? this.#schedule() : this.#conflict(file)
    this.#base = null
    this.#set(file.state === 'absent' ? { kind: 'absent' } : { kind: 'unreadable', why: file.why })
  }

  /** The learner has changed the text. */
  edited(): void {
    if (this.#state.kind === 'conflict') return
    this.#set({ kind: 'unsaved' })
    this.#schedule()
  }

  /** Ends a conflict: one side wins, by the learner's word. */
  resolve(winner: 'mine' | 'theirs'): void {
    const theirs = this.#theirs
    if (this.#state.kind !== 'conflict' || !theirs) return
    this.#theirs = null
    if (winner === 'mine') {
      this.#base = theirs.state === 'text' ? theirs.hash : null
      this.#set({ kind: 'unsaved' })
      return void this.#save()
    }
    if (theirs.state === 'text') return this.#adopt(theirs)
    this.#base = null
    this.#set({ kind: 'absent' })
  }

  /** Saves now what is not saved yet. */
  retry(): void {
    if (this.#hasUnsaved() && this.#state.kind !== 'conflict') void this.#save()
  }

  dispose(): void {
    if (this.#timer) clearTimeout(this.#timer)
  }

  #hasUnsaved(): boolean {
    return ['unsaved', 'conflict', 'failed'].includes(this.#state.kind)
  }

  #remoteOverTyped(file: Text): void {
    if (file.text === this.#options.editor.get()) return this.#adopt(file)
    if (file.hash === this.#base || file.text === this.#attempted) {
      // Only we have changed it: a save that failed, or one whose answer was lost.
      this.#base = file.hash
      if (this.#state.kind === 'conflict') this.#set({ kind: 'unsaved' })
      this.#theirs = null
      return this.#schedule()
    }
    this.#conflict(file)
  }

  #adopt(file: Text): void {
    this.#base = file.hash
    this.#attempted = null
    this.#theirs = null
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#options.editor.get() !== file.text) this.#options.editor.set(file.text)
    this.#set({ kind: file.readOnly ? 'read-only' : 'saved' })
  }

  #conflict(file: FileView): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    this.#theirs = file
    this.#set({ kind: 'conflict', theirs: file.state === 'text' ? file.text : null })
  }

  #schedule(): void {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = setTimeout(() => void this.#save(), this.#options.pauseMs ?? 250)
  }

  async #save(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer)
    this.#timer = null
    if (this.#saving) return
    this.#saving = true
    const text = this.#options.editor.get()
    this.#attempted = text
    const outcome = await this.#options.save(this.#base, text).catch((error: Error) => error)
    this.#saving = false
    const later = this.#later
    this.#later = null
    if (outcome instanceof Error) {
      // Without a connection the text stays unsaved; the next `remote` tells what became of it.
      if (outcome.message) this.#set({ kind: 'failed', why: outcome.message })
    } else if (outcome.saved) {
      this.#base = outcome.hash
      this.#attempted = null
      if (this.#options.editor.get() === text) this.#set({ kind: 'saved' })
      else this.#schedule()
    } else {
      this.remote(outcome.file)
    }
    if (later) this.remote(later)
  }

  #set(state: SyncState): void {
    this.#state = state
    this.#options.onState(state)
  }
}
