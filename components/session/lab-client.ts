/**
 * One tab's connection to its machine: finds it, keeps it, and after any break takes up everything where it was.
 *
 * Safety: what is typed or saved reaches the sandbox once or not at all. Liveness: while the tab is open it is connected
 * or trying. Knows no React; tests use it with another WebSocket.
 */
import { decodeFrame, encodeFrame, type TerminalFrame } from '../../server/protocol/frames.ts'
import type { Answer, Ask, ClientMessage, FileView, ServerMessage } from '../../server/protocol/index.ts'
import { PROTOCOL_VERSION } from '../../server/protocol/transport.ts'
import { type Screen, TerminalStream, type Wire } from './terminal-stream.ts'
import { INITIAL_VIEW, reduce, type View } from './view.ts'

export type SaveResult = { saved: true; hash: string } | { saved: false; file: FileView }

/** The save may or may not have happened: look at the file again. */
export class ConnectionLost extends Error {}

/** The lab does not let this page in, and says why in a sentence for people; trying again may help. */
export class TurnedAway extends Error {}

/** What reads the keys of a terminal. `program` is empty if that could not be found out. */
export interface Foreground {
  program: string
  isShell: boolean
}

export interface LabClientOptions {
  /** Resolves to a new socket, with everything it takes to be let in. */
  connect: () => Promise<WebSocket>
  /** Names this tab; 16 to 64 letters, digits, dashes or underscores. */
  clientId: string
  /** The lesson on the page, which decides what a sandbox that is made for it may do. */
  lesson?: string
}

/** Pauses between attempts, in milliseconds; the last one repeats. Up to a quarter more, so that tabs do not come all at once. */
const PAUSES = [0, 250, 500, 1000, 2000, 4000, 8000]
/** An answer to `foreground` that takes longer is none. */
const FOREGROUND_MS = 4000

export class LabClient implements Wire {
  readonly #options: LabClientOptions
  #view: View = INITIAL_VIEW
  readonly #listeners = new Set<() => void>()
  readonly #onMessage = new Set<(message: ServerMessage) => void>()
  readonly #onReady = new Set<() => void>()
  #socket: WebSocket | null = null
  #attempt = 0
  #retry: ReturnType<typeof setTimeout> | null = null
  #running = false
  readonly #onOutput = new Set<(frame: TerminalFrame, isHistory: boolean) => void>()
  readonly #streams = new Map<number, TerminalStream>()
  /** How many watch each file. */
  readonly #files = new Map<string, number>()
  #wantsBundles = false
  #step: { lesson: string; step: string } | null = null
  #saves = new Map<number, { resolve: (result: SaveResult) => void; reject: (error: Error) => void }>()
  #asked = new Map<number, { resolve: (foreground: Foreground) => void; reject: (error: Error) => void }>()
  #questions = new Map<number, (answer: Answer) => void>()
  #lastRequest = 0

  constructor(options: LabClientOptions) {
    this.#options = options
  }

  get view(): View {
    return this.#view
  }

  /** Calls `listener` after every change of `view`. Returns how to stop. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Hears every message of the server after `view` has taken it in. Returns how to stop. */
  onMessage(listener: (message: ServerMessage) => void): () => void {
    this.#onMessage.add(listener)
    return () => this.#onMessage.delete(listener)
  }

  /** Calls `listener` now if the machine is ready, and whenever it is ready again: to say anew what one wants of it. */
  onReady(listener: () => void): () => void {
    this.#onReady.add(listener)
    if (this.#ready) listener()
    return () => this.#onReady.delete(listener)
  }

  /** Lets `listener` read what terminals print. `isHistory`: it was printed before. Returns how to stop. */
  onOutput(listener: (frame: TerminalFrame, isHistory: boolean) => void): () => void {
    this.#onOutput.add(listener)
    return () => this.#onOutput.delete(listener)
  }

  start(): void {
    if (this.#running) return
    this.#running = true
    void this.#connect()
  }

  stop(): void {
    this.#running = false
    if (this.#retry) clearTimeout(this.#retry)
    this.#retry = null
    this.#socket?.close()
    this.#socket = null
  }

  /** The browser is online again, or the tab is looked at: do not wait for the pause to end. */
  hurry(): void {
    if (!this.#retry) return
    clearTimeout(this.#retry)
    this.#retry = null
    void this.#connect()
  }

  send(message: ClientMessage): boolean {
    if (this.#socket?.readyState !== 1) return false
    this.#socket.send(JSON.stringify(message))
    return true
  }

  sendFrame(frame: TerminalFrame): boolean {
    if (this.#socket?.readyState !== 1) return false
    this.#socket.send(encodeFrame(frame))
    return true
  }

  /** Connects a screen with a terminal that `view` lists. */
  openStream(id: number, screen: Screen, size: { cols: number; rows: number }): TerminalStream {
    const stream = new TerminalStream(id, this, screen, size)
    this.#streams.set(id, stream)
    if (this.#ready) stream.attach()
    return stream
  }

  closeStream(stream: TerminalStream): void {
    if (this.#streams.get(stream.id) === stream) this.#streams.delete(stream.id)
  }

  /** The terminal's stream, if a screen shows it. */
  stream(id: number): TerminalStream | undefined {
    return this.#streams.get(id)
  }

  /** Keeps `view.files` told of a file. Returns how to stop. */
  watchFile(path: string): () => void {
    const watchers = this.#files.get(path) ?? 0
    this.#files.set(path, watchers + 1)
    if (watchers === 0 && this.#ready) this.send({ type: 'watch-file', path })
    let stopped = false
    return () => {
      if (!stopped) this.#unwatchFile(path)
      stopped = true
    }
  }

  /** Keeps `view.bundles` told; once more: looks again. */
  watchBundles(): void {
    this.#wantsBundles = true
    if (this.#ready) this.send({ type: 'watch-bundles' })
  }

  /** Asks something about the sandbox. Never rejects: without an answer it is `failed`, with a sentence. */
  ask(ask: Ask): Promise<Answer> {
    const request = ++this.#lastRequest
    return new Promise((resolve) => {
      if (!this.#ready || !this.send({ type: 'editor-ask', request, ask }))
        return resolve({ what: 'failed', why: 'There is no connection to the sandbox.' })
      this.#questions.set(request, resolve)
    })
  }

  watchStep(lesson: string, step: string): void {
    this.#step = { lesson, step }
    if (this.#ready) this.send({ type: 'watch-step', lesson, step })
  }

  /** Rejects with ConnectionLost, or with the sandbox's reason. */
  saveFile(path: string, base: string | null, text: string): Promise<SaveResult> {
    const request = ++this.#lastRequest
    return new Promise((resolve, reject) => {
      if (!this.send({ type: 'save-file', request, path, base, text })) return reject(new ConnectionLost())
      this.#saves.set(request, { resolve, reject })
    })
  }

  /** What reads the keys of a terminal now. Rejects with ConnectionLost. */
  foreground(terminal: number): Promise<Foreground> {
    const request = ++this.#lastRequest
    return new Promise<Foreground>((resolve, reject) => {
      if (!this.send({ type: 'ask-foreground', terminal, request })) return reject(new ConnectionLost())
      const giveUp = setTimeout(() => resolve({ program: '', isShell: false }), FOREGROUND_MS)
      this.#asked.set(request, {
        resolve: (foreground) => {
          clearTimeout(giveUp)
          resolve(foreground)
        },
        reject: (error) => {
          clearTimeout(giveUp)
          reject(error)
        },
      })
    }).finally(() => this.#asked.delete(request))
  }

  dismissProblem(): void {
    this.#set({ ...this.#view, problem: null })
  }

  dismissGone(): void {
    this.#set({ ...this.#view, gone: null })
  }

  get #ready(): boolean {
    return this.#view.connection === 'open' && this.#view.sandbox?.state === 'ready'
  }

  async #connect(): Promise<void> {
    let socket: WebSocket
    try {
      socket = await this.#options.connect()
    } catch (error) {
      this.#lost()
      if (error instanceof TurnedAway && this.#running) {
        const hint = 'This page tries again by itself.'
        this.#set({ ...this.#view, problem: { message: error.message, hint } })
      }
      return
    }
    if (!this.#running) return socket.close()
    socket.binaryType = 'arraybuffer'
    this.#socket = socket
    const { clientId: client, lesson } = this.#options
    socket.onopen = () => this.send({ type: 'hello', version: PROTOCOL_VERSION, client, lesson })
    socket.onmessage = ({ data }) => (typeof data === 'string' ? this.#onText(data) : this.#onBytes(data))
    socket.onclose = () => {
      if (this.#socket !== socket) return
      this.#socket = null
      this.#lost()
    }
  }

  #lost(): void {
    for (const { reject } of this.#saves.values()) reject(new ConnectionLost())
    this.#saves.clear()
    for (const { reject } of this.#asked.values()) reject(new ConnectionLost())
    this.#asked.clear()
    this.#failQuestions('The connection is lost.')
    for (const stream of this.#streams.values()) stream.lost()
    if (!this.#running) return
    this.#set({ ...this.#view, connection: 'away' })
    const pause = PAUSES[Math.min(this.#attempt++, PAUSES.length - 1)]! * (1 + Math.random() / 4)
    this.#retry = setTimeout(() => {
      this.#retry = null
      void this.#connect()
    }, pause)
  }

  #onBytes(data: ArrayBuffer): void {
    const frame = decodeFrame(new Uint8Array(data))
    const stream = frame && this.#streams.get(frame.terminal)
    if (!stream) return
    stream.onFrame(frame)
    for (const listener of this.#onOutput) listener(frame, stream.isHistory(frame.offset))
  }

  #onText(text: string): void {
    // Of the lab's own making, and of this version: a page need not carry the schemas (tests hold the lab to them).
    const message: ServerMessage = JSON.parse(text)
    const wasReady = this.#ready
    const before = this.#view.sandbox
    this.#set(reduce(this.#view, message))
    for (const listener of this.#onMessage) listener(message)
    switch (message.type) {
      case 'welcome':
        this.#attempt = 0
        this.#countLostKeys()
        return this.#resume()
      case 'sandbox':
        if (!wasReady || before !== this.#view.sandbox) this.#resume()
        return
      case 'attached':
        return this.#streams.get(message.terminal)?.onAttached(message)
      case 'input-applied':
        return this.#streams.get(message.terminal)?.onInputApplied(message.offset)
      case 'foreground': {
        const { program, isShell } = message
        return this.#asked.get(message.request)?.resolve({ program, isShell })
      }
      case 'saved':
        return this.#saved(message.request, { saved: true, hash: message.hash })
      case 'save-conflict':
        return this.#saved(message.request, { saved: false, file: message.file })
      case 'editor-answer': {
        this.#questions.get(message.request)?.(message.answer)
        return void this.#questions.delete(message.request)
      }
      case 'error':
        return this.#refused(message)
    }
  }

  /** Everything this tab wants of the machine, said again: each of it is harmless if it was known already. */
  #resume(): void {
    if (!this.#ready) return
    const there = new Set(this.#view.terminals.map(({ id }) => id))
    for (const [id, stream] of this.#streams) if (there.has(id)) stream.attach()
    for (const path of this.#files.keys()) this.send({ type: 'watch-file', path })
    if (this.#wantsBundles) this.send({ type: 'watch-bundles' })
    if (this.#step) this.send({ type: 'watch-step', ...this.#step })
    for (const listener of this.#onReady) listener()
  }

  /** Keys that were held for a shell that is gone go nowhere: the learner is told how many. */
  #countLostKeys(): void {
    const { gone, terminals } = this.#view
    if (!gone) return
    let keys = 0
    for (const [id, stream] of this.#streams) {
      if (!terminals.some((terminal) => terminal.id === id)) keys += stream.held.keys
    }
    this.#set({ ...this.#view, gone: { ...gone, keys } })
  }

  #saved(request: number, result: SaveResult): void {
    this.#saves.get(request)?.resolve(result)
    this.#saves.delete(request)
  }

  #unwatchFile(path: string): void {
    const watchers = (this.#files.get(path) ?? 1) - 1
    if (watchers > 0) return void this.#files.set(path, watchers)
    this.#files.delete(path)
    if (this.#ready) this.send({ type: 'unwatch-file', path })
    const { [path]: _, ...files } = this.#view.files
    this.#set({ ...this.#view, files })
  }

  #failQuestions(why: string): void {
    for (const resolve of this.#questions.values()) resolve({ what: 'failed', why })
    this.#questions.clear()
  }

  #refused(error: Extract<ServerMessage, { type: 'error' }>): void {
    if (error.re === 'save-file') {
      // Saves are answered in order, and there is one at a time for each file.
      const oldest = this.#saves.keys().next()
      if (oldest.done) return
      this.#saves.get(oldest.value)!.reject(new Error(error.hint))
      this.#saves.delete(oldest.value)
    }
    if (error.re === 'editor-ask') this.#failQuestions(error.message)
    if (error.re === 'ask-foreground') {
      // The terminal is closed, or the server is older than this page: either way nothing is known.
      for (const { resolve } of this.#asked.values()) resolve({ program: '', isShell: false })
    }
    // Something typed is missing there: attaching tells what has arrived, and the rest is sent again.
    if (error.code === 'input-gap') for (const stream of this.#streams.values()) stream.attach()
  }

  #set(view: View): void {
    if (view === this.#view) return
    this.#view = view
    for (const listener of this.#listeners) listener()
  }
}
