/** Which theme the visitor has chosen, and which one is on the screen. */
import { useSyncExternalStore } from 'react'
import { KEY } from './first-script.ts'

export type Theme = 'system' | 'light' | 'dark'

const EVENT = 'runclab:theme'

const dark = () => window.matchMedia('(prefers-color-scheme: dark)')

function subscribe(changed: () => void): () => void {
  const fromAnotherTab = (event: StorageEvent) => {
    if (event.key !== KEY && event.key !== null) return
    apply(event.newValue === 'light' || event.newValue === 'dark' ? event.newValue : 'system')
    changed()
  }
  const scheme = dark()
  window.addEventListener(EVENT, changed)
  window.addEventListener('storage', fromAnotherTab)
  scheme.addEventListener('change', changed)
  return () => {
    window.removeEventListener(EVENT, changed)
    window.removeEventListener('storage', fromAnotherTab)
    scheme.removeEventListener('change', changed)
  }
}

function apply(theme: Theme): void {
  if (theme === 'system') delete document.documentElement.dataset.theme
  else document.documentElement.dataset.theme = theme
}

function chosen(): Theme {
  const theme = document.documentElement.dataset.theme
  return theme === 'light' || theme === 'dark' ? theme : 'system'
}

function shown(): 'light' | 'dark' {
  const theme = chosen()
  return theme === 'system' ? (dark().matches ? 'dark' : 'light') : theme
}

/** Changes the theme, now and for later visits. */
export function setTheme(theme: Theme): void {
  apply(theme)
  try {
    if (theme === 'system') localStorage.removeItem(KEY)
    else localStorage.setItem(KEY, theme)
  } catch {
    // Storage is blocked: the choice then lasts as long as the page.
  }
  window.dispatchEvent(new Event(EVENT))
}

/** What the visitor has chosen. */
export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, chosen, () => 'system')
}

/** What is on the screen: for panes that bring their own colours. */
export function useShownTheme(): 'light' | 'dark' {
  return useSyncExternalStore(subscribe, shown, () => 'light')
}
