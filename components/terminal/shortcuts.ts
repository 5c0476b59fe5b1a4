/** The keys that a terminal pane keeps for itself. All others go to the program in the terminal. */

export type Shortcut = 'copy' | 'paste' | 'search' | 'larger' | 'smaller' | 'normal-size'

type Keys = Pick<KeyboardEvent, 'code' | 'key' | 'ctrlKey' | 'shiftKey' | 'altKey' | 'metaKey'>

/** By `code` where Shift changes the letter, by `key` where keyboards differ. */
export function shortcutOf({ code, key, ctrlKey, shiftKey, altKey, metaKey }: Keys): Shortcut | null {
  if (altKey || ctrlKey === metaKey) return null
  const letters = metaKey ? !shiftKey : shiftKey
  if (letters && code === 'KeyC') return 'copy'
  if (letters && code === 'KeyV') return 'paste'
  if (code === 'KeyF' && (shiftKey || metaKey)) return 'search'
  if (key === '=' || key === '+') return 'larger'
  // Shift makes it the underscore, and Ctrl+_ is undo in a shell.
  if (key === '-' && !shiftKey) return 'smaller'
  if (key === '0' && !shiftKey) return 'normal-size'
  return null
}

const isMac = () => /Mac|iP(hone|ad|od)/.test(navigator.platform)

/** The keys as the learner's keyboard has them. */
export function shortcutName(shortcut: Shortcut): string {
  const [letter, other] = {
    copy: ['C', ''],
    paste: ['V', ''],
    search: ['F', ''],
    larger: ['', '+'],
    smaller: ['', '-'],
    'normal-size': ['', '0'],
  }[shortcut] as [string, string]
  if (isMac()) return `⌘${letter}${other}`
  return letter ? `Ctrl+Shift+${letter}` : `Ctrl+${other}`
}
