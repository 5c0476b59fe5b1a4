'use client'
/** What the lens shows now, for its components: the store's state, and the container in front with all of its rows. */
import { useEffect, useMemo, useSyncExternalStore } from 'react'
import type { Container, Readings } from '../../spec/lens/facts.ts'
import { type Look, look } from '../../spec/lens/look.ts'
import { useMachine } from '../session/SessionProvider.tsx'
import { type LensState, type LensStore, lensStoreOf } from './lens-store.ts'

const NONE: Readings = {}

export interface LensData {
  store: LensStore
  state: LensState
  current: Container | null
  readings: Readings
  /** Null until enough has been read. */
  look: Look | null
}

/** `visible`: the lens is on the screen; only then is anything gathered. */
export function useLensData(visible: boolean): LensData {
  const store = lensStoreOf(useMachine().client)
  const state = useSyncExternalStore(
    store.subscribe,
    () => store.state,
    () => store.state,
  )
  useEffect(() => {
    store.setOpen(visible)
    return () => store.setOpen(false)
  }, [store, visible])
  const current = store.current
  const readings = (current && state.readings[current.dir]) ?? NONE
  const seen = useMemo(() => (current ? look(current, readings) : null), [current, readings])
  return { store, state, current, readings, look: seen }
}
