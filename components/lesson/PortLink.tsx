/** A link to a port of the sandbox, which has no address outside: says so, and offers what works inside. */
import type { ReactNode } from 'react'
import { CommandInline } from './CommandInline.tsx'

interface Props {
  /** Null if it is not one port: a list of them, or a port of another host. */
  port: number | null
  /** Path and query behind the port. */
  path: string
  /** The number of the host, if it is not the first. */
  host?: number
  children: ReactNode
}

export function PortLink({ port, path, host, children }: Props) {
  const why = host
    ? `on host ${host}, which this lab does not have`
    : port === null
      ? 'a list of ports, which this lab does not have'
      : `port ${port} of your sandbox, which only the sandbox reaches`
  const scheme = port === 443 ? 'https' : 'http'
  return (
    <span className="port-link">
      <span className="port-link-name">{children}</span>{' '}
      <small>
        ({why}
        {port !== null && (
          <>
            :{' '}
            <CommandInline
              runnable
              text={`curl -s ${scheme}://localhost${port === 80 || port === 443 ? '' : `:${port}`}${path}`}
            />
          </>
        )}
        )
      </small>
    </span>
  )
}
