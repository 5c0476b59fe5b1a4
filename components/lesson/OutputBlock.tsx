/** What a command prints, as it was in a real sandbox. */
import type { ReactNode } from 'react'

interface Props {
  /** The version of cgroups where it looks like this; null where that makes no difference. */
  on: 'v1' | 'v2' | null
  /** The version that sandboxes of this lab have. */
  here: 'v1' | 'v2'
  children: ReactNode
}

export function OutputBlock({ on, here, children }: Props) {
  return (
    <figure className="output">
      <figcaption>{caption(on, here)}</figcaption>
      <pre>
        <code>{children}</code>
      </pre>
    </figure>
  )
}

function caption(on: Props['on'], here: Props['here']): string {
  if (on === null) return 'Output'
  return on === here
    ? `Output on cgroup ${on}, which this sandbox has`
    : `Output on cgroup ${on}, on other machines`
}
