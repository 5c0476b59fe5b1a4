/** Addresses of lessons and steps: lower-case letters, digits and dashes, made from whatever authors call their files. */
import { createHash } from 'node:crypto'
import path from 'node:path'

/** `Step One.md` is `step-one`; a name without any Latin letter or digit gets one from its hash. */
export function slugify(name: string): string {
  return wordsOf(name).slice(0, LONGEST).replace(/-+$/, '') || hashOf(name)
}

/** As `slugify`, of a lesson's path. One too long loses its first words: the last ones tell lessons of a course apart. */
export function lessonSlug(name: string): string {
  const all = wordsOf(name).replace(/-+$/, '')
  if (all.length <= LONGEST) return all || hashOf(name)
  const end = all.slice(-LONGEST)
  return end.slice(end.indexOf('-') + 1)
}

const LONGEST = 64

const wordsOf = (name: string) =>
  name
    .normalize('NFKD')
    .replace(/[\u0300-\u036f]/g, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-+/, '')

const hashOf = (name: string) => `x-${createHash('sha256').update(name).digest('hex').slice(0, 8)}`

/** The same address cannot be given twice: the later one gets a number. */
export class Slugs {
  readonly #taken = new Set<string>()

  /** `reserved` are never given. */
  constructor(reserved: string[] = []) {
    for (const slug of reserved) this.#taken.add(slug)
  }

  /** `second`: it was taken already. */
  take(wanted: string): { slug: string; second: boolean } {
    let slug = wanted
    for (let n = 2; this.#taken.has(slug); n++) slug = `${wanted.slice(0, 60)}-${n}`
    this.#taken.add(slug)
    return { slug, second: slug !== wanted }
  }
}

/** `the-bundle/text.md` and `the-bundle.md` both are the page `the-bundle`. */
export function pageSlug(file: string): string {
  const { dir, name } = path.posix.parse(path.posix.normalize(file.replaceAll('\\', '/')))
  const isOnlyText = /^(text|index|readme|step|content)$/i.test(name)
  if (dir === '') return slugify(name)
  return slugify(isOnlyText ? dir : name)
}
