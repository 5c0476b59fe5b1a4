/** One socket of one browser tab, as the web process hands it on: parses, dispatches, answers. The only host file that knows ws. */
import type { RawData, WebSocket } from 'ws'
import type { Log } from '../log.ts'
import {
  decodeFrame,
  ERROR_WORDS,
  type ErrorCode,
  encodeFrame,
  HostMessage,
  PROTOCOL_VERSION,
  parseAck,
  parseMessage,
  type ServerMessage,
} from '../protocol/index.ts'
import type { FeedbackLog } from './learning/feedback.ts'
import { type Peer, Refused } from './peer.ts'
import type { Registry } from './registry.ts'

/** `owner`: the learner; `address`: where their browser is, as the web process says. */
export function serve(
  socket: WebSocket,
  { owner, address }: { owner: string; address: string },
  registry: Registry,
  feedback: FeedbackLog,
  log: Log,
): void {
  let peer: Peer | null = null

  const send = (message: ServerMessage) => socket.send(JSON.stringify(message))
  const refuse = (code: ErrorCode, detail: string, re?: string) => {
    const { message, hint } = ERROR_WORDS[code]
    send({ type: 'error', code, message, hint: detail ? `${detail}. ${hint}` : hint, re })
  }
  const failed = (error: unknown, re?: string) => {
    if (error instanceof Refused) return refuse(error.code, error.message, re)
    log.error({ error: (error as Error).stack, re }, 'message failed')
    refuse('internal', '', re)
  }

  const onText = async (text: string) => {
    const ack = parseAck(text)
    const parsed = ack ? { message: ack } : parseMessage(HostMessage, text)
    if ('code' in parsed) return refuse(parsed.code, '', parsed.re)
    const { message } = parsed
    try {
      if (message.type === 'hello') {
        if (message.version !== PROTOCOL_VERSION) return refuse('version', '', 'hello')
        if (peer) return refuse('malformed', 'hello was said already', 'hello')
        const { client, tier } = message
        const joining: Peer = {
          client,
          tier,
          // What changes before the welcome is in the welcome.
          send: (message) => {
            if (peer) send(message)
          },
          sendBytes: (frame) => socket.send(encodeFrame(frame)),
        }
        const session = registry.join(owner, joining, address)
        peer = joining
        send(session.welcome)
        return session.greet(joining)
      }
      if (!peer) return refuse('malformed', 'hello comes first', message.type)
      if (message.type === 'feedback') {
        const kept = await feedback.keep(owner, message)
        return send({ type: 'feedback-kept', request: message.request, kept })
      }
      if (message.type === 'reset') return registry.reset(owner, peer)
      const session = registry.find(owner)
      if (!session) throw new Refused('not-ready')
      await session.handle(peer, message)
    } catch (error) {
      failed(error, message.type)
      // Without a session there is nothing to talk about: the page comes back by itself.
      if (!peer) socket.close(1013, 'try again later')
    }
  }

  socket.on('message', (data: RawData, isBinary: boolean) => {
    if (!isBinary) return void onText(String(data))
    const frame = decodeFrame(data as Buffer)
    try {
      const session = peer && registry.find(owner)
      if (!frame || !session) throw new Refused(frame ? 'not-ready' : 'malformed')
      session.input(peer!, frame)
    } catch (error) {
      failed(error, 'input')
    }
  })
  socket.on('close', () => {
    if (peer) registry.find(owner)?.leave(peer)
  })
  // A broken socket is followed by `close`.
  socket.on('error', (error) => log.debug({ error: error.message }, 'socket'))
}
