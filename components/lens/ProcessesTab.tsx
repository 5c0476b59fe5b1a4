/** Two process trees side by side: the numbers that the sandbox gives, and those that the container sees. */
import type { Container, Readings } from '../../spec/lens/facts.ts'
import { processTrees, type TreeNode } from '../../spec/lens/process-tree.ts'
import { Lead } from './parts.tsx'
import { plain } from './plain-text.ts'

const ROLES: Record<TreeNode['role'], { word: string; look: string }> = {
  container: { word: 'in the container', look: 'bg-accent' },
  shim: { word: 'shim', look: 'bg-warn' },
  docker: { word: 'Docker', look: 'bg-good' },
  runc: { word: 'runc', look: 'bg-ink' },
  other: { word: '', look: 'bg-line' },
}

export function ProcessesTab({ container, readings }: { container: Container; readings: Readings }) {
  const { outside, inside } = processTrees(readings, container)
  return (
    <>
      <Lead>
        The same processes twice. Outside, the kernel numbers them for the sandbox; inside, the pid namespace
        begins anew at 1.
      </Lead>
      <div className="grid gap-3 px-3 pb-4 @lg:grid-cols-2">
        <Tree title="From the sandbox" nodes={outside} />
        <Tree title="From inside" nodes={inside} />
      </div>
    </>
  )
}

function Tree({ title, nodes }: { title: string; nodes: TreeNode[] }) {
  return (
    <section aria-label={title} className="min-w-0 overflow-hidden rounded-lg border border-line">
      <table className="w-full table-fixed border-collapse">
        <caption className="border-b border-line bg-raised px-2.5 py-1 text-left text-[0.6875rem] font-semibold text-muted">
          {title}
        </caption>
        <colgroup>
          <col className="w-14" />
          <col />
        </colgroup>
        <thead className="sr-only">
          <tr>
            <th scope="col">pid</th>
            <th scope="col">Process</th>
          </tr>
        </thead>
        <tbody>
          {nodes.map(({ process, depth, role, pid }) => (
            <tr key={process.pid} data-pid={pid} className={role === 'container' ? 'bg-accent-soft' : ''}>
              <td className="w-14 py-0.5 pr-2 text-right align-top font-mono text-xs text-muted tabular-nums">
                {pid}
              </td>
              <td className="py-0.5 pr-2 text-xs">
                <span
                  className="flex min-w-0 items-center gap-1.5"
                  style={{ paddingLeft: `${Math.min(depth, 8) * 0.75}rem` }}
                >
                  <span className={`size-1.5 shrink-0 rounded-full ${ROLES[role].look}`} aria-hidden />
                  <code className="min-w-0 truncate text-ink" title={plain(process.command)}>
                    {plain(process.command)}
                  </code>
                  {ROLES[role].word && role !== 'container' && (
                    <span className="shrink-0 text-[0.6875rem] text-muted">{ROLES[role].word}</span>
                  )}
                  {role === 'container' && <span className="sr-only">in the container</span>}
                  {'TtZ'.includes(process.state) && process.state && (
                    <span className="shrink-0 text-[0.6875rem] text-warn">
                      {process.state === 'Z' ? 'zombie' : 'stopped'}
                    </span>
                  )}
                </span>
              </td>
            </tr>
          ))}
          {nodes.length === 0 && (
            <tr>
              <td className="p-3 text-xs text-muted">No process.</td>
            </tr>
          )}
        </tbody>
      </table>
    </section>
  )
}
