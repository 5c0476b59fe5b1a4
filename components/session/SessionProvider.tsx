'use client'
/** Gives a page its machine. The machine is sought when the page is looked at, not when it is rendered. */
import { createContext, type ReactNode, useContext, useEffect, useState, useSyncExternalStore } from 'react'
import { SOCKET_PATH } from '../../server/protocol/transport.ts'
import { withBase } from '../ui/base-path.ts'
import type { Question } from './command-queue.ts'
import { LabClient, TurnedAway } from './lab-client.ts'
import { Machine } from './machine.ts'
import { reportPresence } from './presence.ts'
import { INITIAL_VIEW, type View } from './view.ts'

const MachineContext = createContext<Machine | null>(null)

/** A new one for every load of the page: input is counted per client, and this page has typed nothing yet. */
function newClientId(): string {
  // On the server there is no tab to name.
  if (typeof window === 'undefined') return ''
  return crypto
    .getRandomValues(new Uint32Array(4))
    .reduce((id, n) => id + n.toString(16).padStart(8, '0'), '')
}

async function connect(): Promise<WebSocket> {
  const response = await fetch(withBase('/api/session'), { method: 'POST' })
  if (!response.ok) throw new TurnedAway((await response.text()).trim().slice(0, 500))
  const scheme = location.protocol === 'https:' ? 'wss' : 'ws'
  return new WebSocket(`${scheme}://${location.host}${withBase(SOCKET_PATH)}`)
}

export function SessionProvider({ lesson, children }: { lesson: string; children: ReactNode }) {
  const [machine] = useState(() => new Machine(new LabClient({ connect, clientId: newClientId(), lesson })))
  useEffect(() => {
    const { client } = machine
    const hurry = () => {
      if (document.visibilityState === 'visible') client.hurry()
    }
    client.start()
    const stopReporting = reportPresence(client)
    window.addEventListener('online', hurry)
    document.addEventListener('visibilitychange', hurry)
    return () => {
      window.removeEventListener('online', hurry)
      document.removeEventListener('visibilitychange', hurry)
      stopReporting()
      client.stop()
    }
  }, [machine])
  return <MachineContext value={machine}>{children}</MachineContext>
}

/** The page's machine; null on pages that have none. */
export function useOptionalMachine(): Machine | null {
  return useContext(MachineContext)
}

export function useMachine(): Machine {
  const machine = useContext(MachineContext)
  if (!machine) throw new Error('useMachine needs a <SessionProvider> around it')
  return machine
}

const subscribeToNothing = () => () => {}

/** What is known of the machine now. */
export function useView(): View {
  const client = useOptionalMachine()?.client
  return useSyncExternalStore(
    client ? (listener) => client.subscribe(listener) : subscribeToNothing,
    () => client?.view ?? INITIAL_VIEW,
    () => INITIAL_VIEW,
  )
}

/** The number of the terminal in front. */
export function useActiveTerminal(): number {
  const machine = useMachine()
  return useSyncExternalStore(
    machine.subscribe,
    () => machine.active,
    () => 1,
  )
}

/** What the learner is asked about a command on its way; null if nothing. */
export function useQuestion(): Question | null {
  const machine = useMachine()
  return useSyncExternalStore(
    machine.subscribe,
    () => machine.question,
    () => null,
  )
}
