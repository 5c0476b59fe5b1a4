/** Where a lesson's text goes in a file: all of it, at an end, or in place of a marker. */

export type Target = 'replace' | 'append' | 'prepend' | 'insert'

/** The file's new text; null if the marker is not there. */
export function withText(before: string, target: Target, text: string, marker: string): string | null {
  const piece = text.endsWith('\n') ? text : `${text}\n`
  if (target === 'replace') return piece
  if (target === 'prepend') return piece + before
  if (target === 'append')
    return before === '' || before.endsWith('\n') ? before + piece : `${before}\n${piece}`
  if (marker === '' || !before.includes(marker)) return null
  return before.replace(marker, () => text)
}
