/** Keys that phones lack, as a terminal knows them. Pure. */

export const ARROWS = { up: 'A', down: 'B', right: 'C', left: 'D' } as const
export type Arrow = keyof typeof ARROWS

/** `application`: the program asked for the other kind of arrow keys. */
export function arrowKey(arrow: Arrow, { ctrl = false, application = false } = {}): string {
  if (ctrl) return `\x1b[1;5${ARROWS[arrow]}`
  return `\x1b${application ? 'O' : '['}${ARROWS[arrow]}`
}

/** The key as it is with Ctrl held down; what has no such form stays as it is. */
export function withCtrl(key: string): string {
  if (key === ' ') return '\x00'
  if (key === '?') return '\x7f'
  return /^[a-zA-Z@[\\\]^_]$/.test(key) ? String.fromCharCode(key.toUpperCase().charCodeAt(0) & 0x1f) : key
}
