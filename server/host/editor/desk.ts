/** What a sandbox does for the editors of its tabs: keeps them told of bundles and answers their questions. */
import type { HostMessage } from '../../protocol/index.ts'
import type { AgentChannel } from '../agent/channel.ts'
import type { Peer } from '../peer.ts'
import { EditorAnswers } from './answers.ts'
import { BundleWatch } from './bundles.ts'

type EditorMessage = Extract<HostMessage, { type: 'watch-bundles' | 'editor-ask' }>

export class EditorDesk {
  readonly #connect: () => Promise<AgentChannel>
  readonly #bundles: BundleWatch
  readonly #tabs = new Map<Peer, { answers: EditorAnswers; unwatch: (() => void) | null }>()

  /** `connect` finds the sandbox's agent. */
  constructor(connect: () => Promise<AgentChannel>) {
    this.#connect = connect
    this.#bundles = new BundleWatch(connect)
  }

  async handle(peer: Peer, message: EditorMessage): Promise<void> {
    const tab = this.#tabs.get(peer) ?? { answers: new EditorAnswers(this.#connect), unwatch: null }
    this.#tabs.set(peer, tab)
    if (message.type === 'watch-bundles') {
      tab.unwatch?.()
      tab.unwatch = this.#bundles.watch((bundles) => peer.send({ type: 'bundles', bundles }))
      return
    }
    const answer = await tab.answers.answer(message.ask)
    peer.send({ type: 'editor-answer', request: message.request, answer })
  }

  leave(peer: Peer): void {
    this.#tabs.get(peer)?.unwatch?.()
    this.#tabs.delete(peer)
  }

  /** Something happened in the sandbox. */
  poke(): void {
    this.#bundles.poke()
  }

  stop(): void {
    this.#bundles.stop()
  }
}
