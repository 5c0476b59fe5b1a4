/** Namespaces as lanes: one for each type, through the machine, the sandbox and the containers; shared ones are joined. */
import type { Container, NamespaceType, Readings } from '../../spec/lens/facts.ts'
import { type Cell, lanes, participants } from '../../spec/lens/lanes.ts'
import { Lead } from './parts.tsx'
import { plain } from './plain-text.ts'

const WORDS: Record<NamespaceType, string> = {
  mnt: 'mount',
  pid: 'pid',
  net: 'network',
  ipc: 'ipc',
  uts: 'uts',
  user: 'user',
  cgroup: 'cgroup',
  time: 'time',
}

/** Joined ones look alike; the letter tells the same without colour. */
const LOOKS: Record<string, string> = {
  H: 'border border-line text-muted',
  S: 'bg-raised text-ink',
  A: 'bg-accent-soft text-accent',
  B: 'bg-good-soft text-good',
  C: 'bg-warn-soft text-warn',
}

interface Props {
  containers: readonly Container[]
  current: Container
  host: Readonly<Record<string, string>>
  readings: Readings
}

export function NamespacesTab({ containers, current, host, readings }: Props) {
  // The one in front first: there may be more than fit.
  const others = containers.filter(({ dir }) => dir !== current.dir)
  const who = participants([current, ...others], host, readings).slice(0, 10)
  const rows = lanes(who)
  return (
    <>
      <Lead>
        One letter in a lane is one namespace: H the machine’s, S the sandbox’s, others a container’s own. A
        container with an S is <b>not isolated</b> there, and <b className="text-bad">!</b> marks it.
        Containers with the same letter share one.
      </Lead>
      <div className="overflow-x-auto px-2 pb-4">
        <table className="w-full border-separate border-spacing-x-0 border-spacing-y-1" data-lens="lanes">
          <caption className="sr-only">Which namespaces are shared</caption>
          <thead>
            <tr>
              <th scope="col" className="sr-only">
                Type
              </th>
              {who.map(({ name, kind }, index) => (
                <th
                  key={`${kind} ${name} ${index}`}
                  scope="col"
                  className={`max-w-24 truncate px-1 pb-1 text-center text-[0.6875rem] ${kind === 'container' ? 'font-semibold text-ink' : 'font-medium text-muted'}`}
                  title={plain(name)}
                >
                  {plain(name.length === 64 ? name.slice(0, 12) : name)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ type, cells }) => (
              <tr key={type}>
                <th scope="row" className="pr-2 text-left text-xs font-medium text-muted">
                  {WORDS[type]}
                </th>
                {cells.map((cell, index) => (
                  <LaneCell key={index} cell={cell} before={cells[index - 1]} after={cells[index + 1]} />
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </>
  )
}

function LaneCell({ cell, before, after }: { cell: Cell; before?: Cell; after?: Cell }) {
  if (cell.letter === '') return <td className="text-center text-xs text-muted">?</td>
  const joins = (other?: Cell) => other?.letter === cell.letter
  const { letter } = cell
  const look = cell.shared ? 'bg-bad text-surface font-semibold' : (LOOKS[letter] ?? LOOKS.A)
  return (
    <td className="p-0" title={`${cell.inode}${cell.shared ? ', the sandbox’s own' : ''}`}>
      <span
        className={`flex h-7 items-center justify-center text-xs ${look} ${joins(before) ? '' : 'ml-0.5 rounded-l-full'} ${joins(after) ? '' : 'mr-0.5 rounded-r-full'}`}
      >
        {letter}
        {cell.shared && (
          <>
            <span aria-hidden>!</span>
            <span className="sr-only"> shared with the sandbox</span>
          </>
        )}
        <span className="sr-only"> {cell.inode}</span>
      </span>
    </td>
  )
}
