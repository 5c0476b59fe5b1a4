/** Text from a sandbox as it may be shown: what would be invisible, or turn the line around, becomes visible. */

/** Control characters by their pictures; marks that change direction, and other invisible ones, by one of their own. */
export function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, (character) => {
    const code = character.charCodeAt(0)
    return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd'
  })
}
