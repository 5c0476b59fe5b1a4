/** What a command prints, as it was in a real sandbox. */
import type { ReactNode } from 'react'

/** `on`: the version of cgroups where it looks like this; null where that makes no difference. */
export function OutputBlock({ on, children }: { on: 'v1' | 'v2' | null; children: ReactNode }) {
  return (
    <figure className="output" data-on={on ?? undefined}>
      <figcaption>Output{on && ` on cgroup ${on}`}</figcaption>
      <pre>
        <code>{children}</code>
      </pre>
    </figure>
  )
}
