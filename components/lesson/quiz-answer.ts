/** Whether what was typed answers a question. */

/** `wanted`: the right answers; capitals and white space around make no difference. */
export function isTypedRight(kind: 'exact' | 'contains', wanted: string[], typed: string): boolean {
  const given = typed.trim().toLowerCase()
  return wanted.some((text) => {
    const answer = text.toLowerCase()
    return kind === 'contains' ? given.includes(answer) : given === answer
  })
}
