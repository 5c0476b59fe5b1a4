/** The 41 capabilities as a strip: which of the five sets has which, beside what the file asks for. */
import { CAPABILITIES, CAPABILITY_SETS, decodeMask } from '../../spec/lens/capabilities.ts'
import type { Look } from '../../spec/lens/look.ts'
import { strings } from '../../spec/lens/row.ts'
import { valueAt } from '../../spec/lens/state.ts'
import { Lead } from './parts.tsx'

const SHORT: Record<string, string> = {
  bounding: 'Bnd',
  permitted: 'Prm',
  effective: 'Eff',
  inheritable: 'Inh',
  ambient: 'Amb',
}

export function CapabilitiesTab({ look }: { look: Look }) {
  const { status } = look.context
  const sets = CAPABILITY_SETS.map(([set, field]) => {
    const asked = valueAt(look.asked.config, `/process/capabilities/${set}`)
    return {
      set,
      has: new Set(decodeMask(status.get(field) ?? '')),
      asked: asked === undefined ? null : new Set(strings(asked)),
    }
  })
  if (!status.get('CapBnd')) return <Lead>Its process has no capabilities to show: it is not there.</Lead>
  const total = sets.find(({ set }) => set === 'bounding')?.has.size ?? 0
  const effective = sets.find(({ set }) => set === 'effective')?.has.size ?? 0
  return (
    <>
      <Lead>
        {effective} of {CAPABILITIES.length} capabilities are effective; it can never have more than the{' '}
        {total} of its bounding set. <b className="text-ink">●</b> has it, <b className="text-ink">·</b> has
        it not, <b className="text-warn">◐</b> asked for and not there, <b className="text-warn">◆</b> there
        and not asked for.
      </Lead>
      <div className="px-3 pb-4">
        <table className="w-full border-collapse" data-lens="capabilities">
          <caption className="sr-only">Capabilities by set</caption>
          <thead className="sticky top-0 bg-surface">
            <tr>
              <th scope="col" className="py-1 text-left text-[0.6875rem] font-medium text-muted">
                Capability
              </th>
              {sets.map(({ set, has }) => (
                <th
                  key={set}
                  scope="col"
                  className="w-10 py-1 text-center text-[0.6875rem] font-medium text-muted"
                  title={set}
                >
                  <abbr title={set} className="no-underline">
                    {SHORT[set]}
                  </abbr>
                  <span className="block tabular-nums">{has.size}</span>
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {CAPABILITIES.map((name) => {
              const any = sets.some(({ has }) => has.has(name))
              return (
                <tr key={name} className={any ? 'bg-accent-soft' : ''}>
                  <th
                    scope="row"
                    className={`py-px pl-1.5 text-left font-mono text-[0.6875rem] ${any ? 'font-semibold text-ink' : 'font-normal text-muted'}`}
                  >
                    {name.replace('CAP_', '')}
                  </th>
                  {sets.map(({ set, has, asked }) => (
                    <td key={set} className="text-center text-xs leading-5">
                      <Mark has={has.has(name)} asked={asked?.has(name) ?? null} />
                    </td>
                  ))}
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </>
  )
}

function Mark({ has, asked }: { has: boolean; asked: boolean | null }) {
  const [sign, look, word] =
    has && asked !== false
      ? ['●', 'text-accent', 'has it']
      : has
        ? ['◆', 'text-warn', 'has it, not asked for']
        : asked
          ? ['◐', 'text-warn', 'asked for, has it not']
          : ['·', 'text-muted', 'has it not']
  return (
    <span className={look}>
      <span aria-hidden>{sign}</span>
      <span className="sr-only">{word}</span>
    </span>
  )
}
