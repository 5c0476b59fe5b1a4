/**
 * Finished pages, kept as they go over the wire until a lesson changes: everybody is given the same ones, so one rendering
 * serves a class that opens them at once.
 */
import { type IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gunzip, gzip } from 'node:zlib'
import type { Lesson } from '../lessons/lesson.ts'
import { hashes } from './inline-scripts.ts'

const [compress, expand] = [promisify(gzip), promisify(gunzip)]

export type Render = (request: IncomingMessage, response: ServerResponse) => void

export interface KeptPagesOptions {
  render: Render
  /** Where the lab is below its origin; empty at the top. */
  basePath: string
  /** What the pages are made from: the same objects for as long as the files are the same. */
  lessons: { list(): Lesson[]; at(slug: string): Lesson | null }
  /** A page is kept when its lessons have not changed for so long: the renderer reads them for itself, a second later. */
  settledMs?: number
}

interface Page {
  status: number
  headers: [name: string, value: string | number | string[]][]
  /** Compressed with gzip. */
  body: Buffer
  /** CSP sources of its inline scripts, which have no nonce. */
  scripts: string[]
  /** When its rendering was begun; milliseconds of performance.now(). */
  begunAt: number
}

const SETTLED_MS = 2500
/** After so long a page is rendered anew behind the visitor's back: a picture may have come whose size stands in it. */
const OLD_MS = 60_000
const MAX_PAGES = 1000

/** Headers that belong to one answer. */
const OF_ONE_ANSWER = ['content-length', 'transfer-encoding', 'connection', 'date', 'content-security-policy']
/** With these the router of a page that is open asks for data, not for a page. */
const OF_THE_ROUTER = ['rsc', 'next-action', 'next-router-prefetch', 'next-router-state-tree']

export class KeptPages {
  readonly #options: KeptPagesOptions
  readonly #pages = new Map<string, Page>()
  /** By the same key: what is being rendered now. */
  readonly #making = new Map<string, Promise<Page>>()
  readonly #numbers = new WeakMap<Lesson, number>()
  #lastNumber = 0
  /** When this state of the lessons was first seen. */
  readonly #seen = new Map<string, number>()

  constructor(options: KeptPagesOptions) {
    this.#options = options
  }

  /** Before the renderer reads any lesson: whatever it finds is then as new as what is found here, or newer. */
  #begin(): void {
    const numbers = this.#options.lessons.list().map((lesson) => this.#number(lesson))
    for (const state of [numbers.join(), ...numbers.map(String)])
      this.#seen.set(state, Number.NEGATIVE_INFINITY)
  }

  /** What answers requests for anything that the site renders. */
  answer: Render = (request, response) => {
    if (this.#seen.size === 0) this.#begin()
    const state = this.#stateFor(request)
    if (state === null) return this.#options.render(request, response)
    const wants = { zipped: acceptsGzip(request), body: request.method !== 'HEAD' }
    this.#page(request, `${request.url} ${state}`, state)
      .then((page) => send(page, response, wants))
      .catch(() => {
        // Its reason is in the log of the renderer.
        if (!response.headersSent) response.statusCode = 500
        response.end()
      })
  }

  /** Which lessons the asked page is made from, in which state; null if it is no such page. */
  #stateFor({ method, url = '', headers }: IncomingMessage): string | null {
    if (method !== 'GET' && method !== 'HEAD') return null
    if (OF_THE_ROUTER.some((name) => headers[name] !== undefined)) return null
    const { basePath, lessons } = this.#options
    if (!url.startsWith(basePath)) return null
    const path = url.slice(basePath.length)
    if (path === '/' || path === '')
      return lessons
        .list()
        .map((lesson) => this.#number(lesson))
        .join()
    const [, slug = ''] = /^\/(?:lessons|glossary|print)\/([\w-]+)(?:\/[\w-]+)?$/.exec(path) ?? []
    const lesson = slug && lessons.at(slug)
    return lesson ? String(this.#number(lesson)) : null
  }

  #number(lesson: Lesson): number {
    const number = this.#numbers.get(lesson) ?? ++this.#lastNumber
    this.#numbers.set(lesson, number)
    return number
  }

  #page(request: IncomingMessage, key: string, state: string): Promise<Page> {
    const now = performance.now()
    const kept = this.#pages.get(key)
    if (kept) {
      if (now - kept.begunAt > OLD_MS) this.#made(request, key, true).catch(() => {})
      return Promise.resolve(kept)
    }
    const since = this.#seen.get(state) ?? now
    if (this.#seen.size > 2 * MAX_PAGES) this.#seen.delete(this.#seen.keys().next().value!)
    this.#seen.set(state, since)
    return this.#made(request, key, now - since >= (this.#options.settledMs ?? SETTLED_MS))
  }

  /** Whoever asks while it is being rendered gets the same. */
  #made(request: IncomingMessage, key: string, keep: boolean): Promise<Page> {
    const made = this.#making.get(key) ?? this.#make(request, key, keep)
    this.#making.set(key, made)
    return made
  }

  async #make(request: IncomingMessage, key: string, keep: boolean): Promise<Page> {
    try {
      const page = await rendered(this.#options.render, request)
      if (keep && page.status === 200) {
        // The oldest leave first, among them those of lessons as they were.
        this.#pages.delete(key)
        if (this.#pages.size >= MAX_PAGES) this.#pages.delete(this.#pages.keys().next().value!)
        this.#pages.set(key, page)
      }
      return page
    } finally {
      this.#making.delete(key)
    }
  }
}

/** Renders without compression and without a nonce, so that the page is the same for everybody. */
async function rendered(render: Render, request: IncomingMessage): Promise<Page> {
  const begunAt = performance.now()
  delete request.headers['accept-encoding']
  delete request.headers['content-security-policy']
  // HEAD is asked of a page that others may GET.
  request.method = 'GET'
  const written = new Written(request)
  render(request, written)
  const body = await written.whole
  const headers = Object.entries(written.getHeaders()).filter(([name]) => !OF_ONE_ANSWER.includes(name))
  return {
    status: written.statusCode,
    headers: headers.map(([name, value]) => [name, value!]),
    body: await compress(body, { level: 9 }),
    scripts: hashes(body.toString('utf8')),
    begunAt,
  }
}

async function send(
  page: Page,
  response: ServerResponse,
  { zipped, body: wantsBody }: { zipped: boolean; body: boolean },
): Promise<void> {
  const body = zipped ? page.body : await expand(page.body)
  for (const [name, value] of page.headers) response.setHeader(name, value)
  response.setHeader('Vary', [response.getHeader('vary') ?? [], 'Accept-Encoding'].flat().join(', '))
  if (zipped) response.setHeader('Content-Encoding', 'gzip')
  response.setHeader('Content-Length', body.length)
  const policy = String(response.getHeader('Content-Security-Policy') ?? '')
  if (policy)
    response.setHeader('Content-Security-Policy', policy.replace(/'nonce-[^']*'/, page.scripts.join(' ')))
  response.writeHead(page.status)
  response.end(wantsBody ? body : undefined)
}

const acceptsGzip = ({ headers }: IncomingMessage) =>
  /\bgzip\b(?!\s*;\s*q=0(\.0*)?(,|$))/.test(String(headers['accept-encoding'] ?? ''))

/** An answer that nobody is sent: it keeps what is written. */
class Written extends ServerResponse {
  readonly #chunks: Buffer[] = []
  #done!: (body: Buffer) => void
  #failed!: (why: Error) => void
  readonly whole = new Promise<Buffer>((resolve, reject) => {
    this.#done = resolve
    this.#failed = reject
  })

  override write(chunk: string | Uint8Array, ...rest: unknown[]): boolean {
    this.#chunks.push(Buffer.from(chunk as Uint8Array))
    const called = rest.find((each) => typeof each === 'function') as (() => void) | undefined
    called?.()
    return true
  }

  override end(...args: unknown[]): this {
    const [chunk] = args
    if (typeof chunk === 'string' || chunk instanceof Uint8Array) this.write(chunk)
    this.#done(Buffer.concat(this.#chunks))
    const called = args.find((each) => typeof each === 'function') as (() => void) | undefined
    called?.()
    this.emit('finish')
    this.emit('close')
    return this
  }

  override destroy(error?: Error): this {
    this.#failed(error ?? new Error('the page was not finished'))
    return this
  }

  override flushHeaders(): void {}
}
