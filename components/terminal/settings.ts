/** How this browser likes its terminals: size of type, and text for screen readers. */
import { useSyncExternalStore } from 'react'

export interface TerminalSettings {
  /** In pixels. */
  fontSize: number
  screenReader: boolean
}

export const DEFAULT_SETTINGS: TerminalSettings = { fontSize: 13.5, screenReader: false }
export const SMALLEST = 8
export const LARGEST = 32

const KEY = 'runclab.terminal'
const EVENT = 'runclab:terminal'

/** Stored text as settings; what is damaged or missing is as it is by default. */
export function parseSettings(stored: string | null): TerminalSettings {
  let data: Partial<Record<keyof TerminalSettings, unknown>> | null = null
  try {
    data = JSON.parse(stored ?? 'null')
  } catch {
    // Damaged.
  }
  const { fontSize, screenReader } = data ?? {}
  return {
    fontSize:
      typeof fontSize === 'number' && fontSize >= SMALLEST && fontSize <= LARGEST
        ? fontSize
        : DEFAULT_SETTINGS.fontSize,
    screenReader: screenReader === true,
  }
}

/** One size larger or smaller; about an eighth, as type sizes go. */
export function nextFontSize(size: number, direction: 1 | -1): number {
  const step = size < 16 ? 1 : 2
  return Math.min(LARGEST, Math.max(SMALLEST, size + direction * step))
}

let current: TerminalSettings | null = null

function read(): TerminalSettings {
  if (current) return current
  try {
    current = parseSettings(localStorage.getItem(KEY))
  } catch {
    current = DEFAULT_SETTINGS
  }
  return current
}

function subscribe(changed: () => void): () => void {
  const fromAnotherTab = (event: StorageEvent) => {
    if (event.key !== KEY && event.key !== null) return
    current = null
    changed()
  }
  window.addEventListener(EVENT, changed)
  window.addEventListener('storage', fromAnotherTab)
  return () => {
    window.removeEventListener(EVENT, changed)
    window.removeEventListener('storage', fromAnotherTab)
  }
}

/** Changes some of them, now and for later visits. */
export function changeSettings(change: Partial<TerminalSettings>): void {
  current = { ...read(), ...change }
  try {
    localStorage.setItem(KEY, JSON.stringify(current))
  } catch {
    // Storage is blocked: the choice then lasts as long as the page.
  }
  window.dispatchEvent(new Event(EVENT))
}

export function resize(direction: 1 | -1 | 0): void {
  const { fontSize } = read()
  changeSettings({
    fontSize: direction === 0 ? DEFAULT_SETTINGS.fontSize : nextFontSize(fontSize, direction),
  })
}

export const terminalSettings = read

export function useTerminalSettings(): TerminalSettings {
  return useSyncExternalStore(subscribe, read, () => DEFAULT_SETTINGS)
}
