/** Tells the lab whether anybody looks at this page and does anything in it, so that no sandbox is cleared away under somebody's hands. */
import type { LabClient } from './lab-client.ts'

/** What happens within this time is told once. */
const EVERY_MS = 30_000
const SIGNS = ['pointerdown', 'pointermove', 'keydown', 'wheel', 'touchstart', 'scroll'] as const

/** Returns how to stop. */
export function reportPresence(client: LabClient): () => void {
  let toldAt = Number.NEGATIVE_INFINITY
  // Whoever opens a page is there.
  let active = true
  let wasOpen = false

  const tell = () => {
    const visible = document.visibilityState === 'visible'
    if (!client.send({ type: 'presence', visible, active: active && visible })) return
    toldAt = performance.now()
    active = false
  }
  const acted = () => {
    active = true
    if (performance.now() - toldAt >= EVERY_MS) tell()
  }
  const looked = () => {
    active = true
    tell()
  }
  const unsubscribe = client.subscribe(() => {
    const open = client.view.connection === 'open'
    if (open && !wasOpen) tell()
    wasOpen = open
  })
  const options = { capture: true, passive: true }
  for (const sign of SIGNS) window.addEventListener(sign, acted, options)
  document.addEventListener('visibilitychange', looked)
  return () => {
    unsubscribe()
    for (const sign of SIGNS) window.removeEventListener(sign, acted, options)
    document.removeEventListener('visibilitychange', looked)
  }
}
