/**
 * The scripts that stand in the pages themselves, as hashes for the Content-Security-Policy. Pages are rendered when the
 * lab is built, so they are the same for everybody and no nonce could be in them; their scripts are known instead.
 */
import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'

export interface InlineScripts {
  /** The CSP sources of the page at this path (without the base path); null if it was not rendered in advance. */
  of(path: string): string[] | null
  /** Those of the pages that are shown in place of another. */
  ofErrorPages: string[]
}

/** Reads what `next build` has rendered into `<dir>/server`. */
export function readInlineScripts(dir: string): InlineScripts {
  const pages = new Map<string, string[]>()
  for (const folder of ['app', 'pages']) {
    const root = path.join(dir, 'server', folder)
    for (const file of htmlFiles(root)) {
      const name = path.relative(root, file).replace(/\.html$/, '')
      pages.set(name === 'index' ? '/' : `/${name}`, hashes(fs.readFileSync(file, 'utf8')))
    }
  }
  const ofErrorPages = ['/_not-found', '/_global-error', '/404', '/500'].flatMap(
    (page) => pages.get(page) ?? [],
  )
  return {
    of: (asked) => pages.get(asked === '/' ? asked : asked.replace(/\/$/, '')) ?? null,
    ofErrorPages: [...new Set(ofErrorPages)],
  }
}

/** CSP sources of all inline scripts in a document, each once. */
export function hashes(html: string): string[] {
  const scripts = html.matchAll(/<script\b([^>]*)>([\s\S]*?)<\/script>/gi)
  const inline = [...scripts].filter(([, attributes = '']) => !/\ssrc=/i.test(attributes))
  return [
    ...new Set(
      inline.map(([, , text = '']) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`),
    ),
  ]
}

function htmlFiles(dir: string): string[] {
  if (!fs.existsSync(dir)) return []
  return fs.readdirSync(dir, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(dir, entry.name)
    if (entry.isDirectory()) return htmlFiles(file)
    return entry.name.endsWith('.html') ? [file] : []
  })
}
