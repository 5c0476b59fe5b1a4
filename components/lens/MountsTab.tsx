/** The mounts of the container as a tree, with what is masked, read-only, bound or covered. */
import type { Look } from '../../spec/lens/look.ts'
import { type MountNode, mountTree } from '../../spec/lens/mount-tree.ts'
import { Lead } from './parts.tsx'
import { plain } from './plain-text.ts'

const BADGES: Record<MountNode['badges'][number], string> = {
  masked: 'bg-ink text-surface',
  'read-only': 'bg-warn-soft text-warn',
  bind: 'bg-accent-soft text-accent',
  shared: 'bg-good-soft text-good',
  slave: 'bg-good-soft text-good',
  covered: 'border border-line text-muted',
}

export function MountsTab({ look }: { look: Look }) {
  const nodes = mountTree(look.context.mounts)
  if (nodes.length === 0) return <Lead>There is no process whose mounts one could see.</Lead>
  return (
    <>
      <Lead>
        What the program sees as files: {nodes.length} mounts. A masked path has nothing of what was below; a
        read-only one refuses writes also to root.
      </Lead>
      <div className="px-2 pb-4">
        <table className="w-full table-fixed border-collapse" data-lens="mounts">
          <caption className="sr-only">Mounts</caption>
          <thead className="sr-only">
            <tr>
              <th scope="col">Place</th>
              <th scope="col">What is there</th>
            </tr>
          </thead>
          <tbody>
            {nodes.map(({ mount, depth, name, badges }) => (
              <tr key={mount.id} className="align-top hover:bg-raised">
                <th scope="row" className="py-1 text-left text-xs font-normal">
                  <code
                    className="block truncate text-ink"
                    style={{ paddingLeft: `${Math.min(depth, 6) * 0.75 + 0.25}rem` }}
                    title={plain(mount.point)}
                  >
                    {plain(name)}
                  </code>
                </th>
                <td className="w-[52%] py-1 text-xs">
                  <span className="flex flex-wrap items-center gap-1">
                    <span className="text-muted">{plain(mount.type)}</span>
                    {badges.map((badge) => (
                      <span key={badge} className={`rounded px-1 text-[0.6875rem] ${BADGES[badge]}`}>
                        {badge}
                      </span>
                    ))}
                  </span>
                  {badges.includes('bind') && (
                    <code className="block truncate text-[0.6875rem] text-muted" title={plain(mount.root)}>
                      of {plain(mount.root)}
                    </code>
                  )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}
