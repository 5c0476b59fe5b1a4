/** Whether what was typed answers a question. */

/**
 * `wanted`: the right answers. Capitals, and how much white space there is, make no difference. One that is to be
 * contained may be a regular expression.
 */
export function isTypedRight(kind: 'exact' | 'contains', wanted: string[], typed: string): boolean {
  const given = plain(typed)
  if (given === '') return false
  return wanted.some((text) => {
    const answer = plain(text)
    if (kind === 'exact') return given === answer
    return given.includes(answer) || (isPattern(text) && matches(text, given))
  })
}

const plain = (text: string) => text.trim().replace(/\s+/g, ' ').toLowerCase()

/** `/x/`, or with signs that mean something in patterns and nothing in words. */
const isPattern = (text: string) => /^\/.+\/i?$|\.[*+]|\\[dwsb]|^\^|\$$|\[[^\]]+\][*+?{]?/.test(text.trim())

function matches(pattern: string, given: string): boolean {
  try {
    return new RegExp(pattern.trim().replace(/^\/(.+)\/i?$/, '$1'), 'i').test(given)
  } catch {
    return false
  }
}
