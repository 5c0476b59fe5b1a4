/** A page's own heading: many scenarios repeat their step's title as the first line of its text. */

/** `markdown` without a first heading that says just `title`, which stands over the text already. */
export function withoutTitle(markdown: string, title: string): string {
  const first = /^\s*#{1,3}[ \t]+(.+?)[ \t]*#*[ \t]*(?:\r?\n|$)/.exec(markdown)
  return first && plain(first[1]!) === plain(title) ? markdown.slice(first[0].length) : markdown
}

const plain = (text: string) => text.replace(/[*_`]/g, '').replace(/\s+/g, ' ').trim().toLowerCase()
