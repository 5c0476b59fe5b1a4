'use client'
/** Chooses between the system's theme, light and dark. */
import { Monitor, Moon, Sun } from 'lucide-react'
import { setTheme, type Theme, useTheme } from './theme-store.ts'

const CHOICES: { theme: Theme; label: string; Icon: typeof Sun }[] = [
  { theme: 'system', label: 'Theme of the system', Icon: Monitor },
  { theme: 'light', label: 'Light theme', Icon: Sun },
  { theme: 'dark', label: 'Dark theme', Icon: Moon },
]

export function ThemeSwitch() {
  const current = useTheme()
  return (
    <fieldset className="needs-js flex rounded-full border border-line bg-surface p-0.5">
      <legend className="sr-only">Theme</legend>
      {CHOICES.map(({ theme, label, Icon }) => (
        <button
          key={theme}
          type="button"
          title={label}
          aria-label={label}
          aria-pressed={theme === current}
          onClick={() => setTheme(theme)}
          className="grid size-7 cursor-pointer place-items-center rounded-full text-muted transition-colors hover:text-ink aria-pressed:bg-raised aria-pressed:text-ink"
        >
          <Icon className="size-3.5" aria-hidden />
        </button>
      ))}
    </fieldset>
  )
}
