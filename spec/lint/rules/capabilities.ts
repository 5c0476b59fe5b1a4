/** Rules about `process.capabilities`: the five sets and how they depend on each other. */
import type { LinuxCapabilities } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { initFailed } from '../diagnostic.ts'
import { CAPABILITIES } from '../names.ts'
import { didYouMean, nearest } from '../words.ts'
import { isFragment } from './shared.ts'

const SETS = ['bounding', 'effective', 'inheritable', 'permitted', 'ambient'] as const
type SetName = (typeof SETS)[number]
const KNOWN = new Set<string>(CAPABILITIES)

const refused = initFailed("unable to apply caps: can't apply capabilities: operation not permitted")

export function capabilityRules(context: Context): void {
  const { spec } = context
  if (!spec.process) return
  const { capabilities } = spec.process
  if (!capabilities) {
    if (!isFragment(context))
      context.report({
        id: 'capabilities-missing',
        severity: 'style',
        pointer: '/process/capabilities',
        message: 'Without "capabilities" the process keeps every capability that runc has.',
        why: 'Left out does not mean none: write "capabilities": {} for none.',
        fix: { title: 'Add an empty "capabilities"', edits: context.set('/process/capabilities', {}) },
      })
    return
  }
  const has = (set: SetName, name: string) => capabilities[set]?.includes(name) ?? false
  for (const set of SETS)
    capabilities[set]?.forEach((name, i) => {
      const pointer = `/process/capabilities/${set}/${i}`
      if (!KNOWN.has(name)) unknown(context, name, pointer)
      else subsets(context, has, set, name, pointer)
      if (capabilities[set]!.indexOf(name) < i)
        context.report({
          id: 'cap-duplicate',
          severity: 'style',
          pointer,
          message: `${name} is listed twice.`,
          why: 'It is a set: once is enough.',
          fix: { title: 'Delete this one', edits: context.remove(pointer) },
        })
    })
  withoutRoot(context, capabilities)
}

function unknown(context: Context, name: string, pointer: string): void {
  const upper = name.toUpperCase()
  const full = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
  const guess = KNOWN.has(full) ? full : nearest(full, CAPABILITIES)
  const all = /^(all|\*|cap_all)$/i.test(name)
  context.report({
    id: 'cap-unknown',
    severity: 'no-effect',
    pointer,
    message: all
      ? `"${name}" is Docker's word: the list must name each capability.`
      : `There is no capability "${name}".${didYouMean(guess)}`,
    runc: `ignoring unknown or unavailable capabilities: [${name}]`,
    why: 'runc warns and goes on without it.',
    fix:
      guess && !all
        ? { title: `Use "${guess}"`, edits: context.set(pointer, guess) }
        : { title: 'Delete it', edits: context.remove(pointer) },
  })
}

function subsets(
  context: Context,
  has: (set: SetName, name: string) => boolean,
  set: SetName,
  name: string,
  pointer: string,
): void {
  const add = (to: SetName) => ({
    title: `Add it to "${to}"`,
    edits: context.set(
      context.spec.process!.capabilities![to]
        ? `/process/capabilities/${to}/-`
        : `/process/capabilities/${to}`,
      context.spec.process!.capabilities![to] ? name : [name],
    ),
  })
  if (set === 'effective' && !has('permitted', name))
    context.report({
      id: 'cap-effective-not-permitted',
      severity: 'refused',
      pointer,
      message: `${name} is effective, but not permitted.`,
      runc: refused,
      why: 'The kernel lets a process use only what its permitted set holds.',
      fix: add('permitted'),
    })
  else if ((set === 'effective' || set === 'permitted') && !has('bounding', name))
    context.report({
      id: 'cap-not-in-bounding',
      severity: 'no-effect',
      pointer,
      message: `${name} is ${set}, but not in "bounding": it is gone when the program starts.`,
      why: 'When root runs a program, the kernel gives it what the bounding set allows, no more.',
      fix: add('bounding'),
    })
  if (set === 'inheritable' && !has('bounding', name))
    context.report({
      id: 'cap-inheritable-not-bounding',
      severity: 'refused',
      pointer,
      message: `${name} is inheritable, but not in "bounding".`,
      runc: refused,
      why: 'The bounding set is applied first, and nothing outside of it can be made inheritable.',
      fix: add('bounding'),
    })
  if (set === 'ambient' && (!has('inheritable', name) || !has('permitted', name))) {
    const missing = has('permitted', name) ? 'inheritable' : 'permitted'
    context.report({
      id: 'cap-ambient-without',
      severity: 'no-effect',
      pointer,
      message: `${name} is ambient, but not ${missing}.`,
      runc: `can't raise ambient capability ${name}: operation not permitted`,
      why: 'A capability can only be ambient while it is both permitted and inheritable; runc warns and goes on.',
      fix: add(missing),
    })
  }
  if (set === 'bounding' && !has('permitted', name) && !has('effective', name) && !has('inheritable', name))
    context.report({
      id: 'cap-bounding-only',
      severity: 'no-effect',
      pointer,
      message: `${name} is only in "bounding": the process does not get it.`,
      why: 'The bounding set is a ceiling, not a grant.',
      fix: {
        title: 'Add it to "permitted" and "effective"',
        edits: () => {
          const { capabilities } = context.spec.process!
          const sets = (['permitted', 'effective'] as const).flatMap((to) =>
            context.set(
              capabilities![to] ? `/process/capabilities/${to}/-` : `/process/capabilities/${to}`,
              capabilities![to] ? name : [name],
            )(),
          )
          // Both sets missing would be two edits at one place.
          return new Set(sets.map(({ from }) => from)).size === sets.length ? sets : sets.slice(0, 1)
        },
      },
    })
  const available = context.host?.capabilities
  if (available && !available.includes(name) && set !== 'ambient')
    context.report({
      id: 'cap-not-available',
      severity: set === 'bounding' ? 'no-effect' : 'refused',
      pointer,
      message: `runc does not have ${name} here, so it cannot give it away.`,
      runc: set === 'bounding' ? null : refused,
      why: 'A container never gets more than the process that makes it has.',
      fix: { title: 'Delete it', edits: context.remove(pointer) },
    })
}

function withoutRoot(context: Context, capabilities: LinuxCapabilities): void {
  const uid = context.spec.process?.user?.uid ?? 0
  const lost = (capabilities.effective ?? capabilities.permitted ?? []).filter(
    (name) => KNOWN.has(name) && !capabilities.ambient?.includes(name),
  )
  if (uid === 0 || lost.length === 0) return
  context.report({
    id: 'cap-lost-without-root',
    severity: 'no-effect',
    pointer: `/process/capabilities/${capabilities.effective ? 'effective' : 'permitted'}`,
    message: `User ${uid} is not root, so the program starts without ${lost.length === 1 ? lost[0] : 'these capabilities'}.`,
    why: 'Across execve only root keeps them; others need each one in "inheritable" and "ambient" too.',
  })
}
