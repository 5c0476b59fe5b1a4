/** Words and looks of a container's states. */
import type { Phase } from '../../spec/lens/facts.ts'

export const PHASE_WORDS: Record<Phase, string> = {
  creating: 'being created',
  created: 'created',
  running: 'running',
  paused: 'paused',
  stopped: 'stopped',
  gone: 'deleted',
}

/** A light beside the word, which says it all without. */
export const PHASE_LIGHTS: Record<Phase, string> = {
  creating: 'bg-accent animate-pulse',
  created: 'bg-accent',
  running: 'bg-good',
  paused: 'bg-warn',
  stopped: 'bg-muted',
  gone: 'border border-muted',
}

/** 75 000 ms as "1 min 15 s". */
export function duration(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000))
  if (seconds < 60) return `${seconds} s`
  const minutes = Math.floor(seconds / 60)
  if (minutes < 60) return `${minutes} min ${seconds % 60} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}
