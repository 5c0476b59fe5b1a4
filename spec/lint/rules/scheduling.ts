/** Rules about the scheduler, the I/O priority and the processors of `runc exec`. */
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'
import { IOPRIO_CLASSES, SCHED_FLAGS, SCHED_POLICIES } from '../names.ts'
import { didYouMean, nearest } from '../words.ts'

export function schedulingRules(context: Context): void {
  scheduler(context)
  ioPriority(context)
  affinity(context)
}

function scheduler(context: Context): void {
  const { scheduler } = context.spec.process ?? {}
  if (!scheduler) return
  const at = '/process/scheduler'
  const { policy = '', nice = 0, priority = 0, flags = [], runtime = 0, deadline = 0, period = 0 } = scheduler
  const refuse = (
    id: string,
    pointer: string,
    message: string,
    runc: string,
    why: string,
    fix: { title: string; value: string | number } | null = null,
  ) =>
    context.report({
      id,
      severity: 'refused',
      pointer,
      message,
      runc,
      why,
      fix: fix && { title: fix.title, edits: context.set(pointer, fix.value) },
    })
  const known = SCHED_POLICIES.some((name) => name === policy)
  if (policy === '')
    refuse(
      'scheduler-policy',
      at,
      'A scheduler needs a policy.',
      failed('scheduler policy is required'),
      `It is one of ${SCHED_POLICIES.join(', ')}.`,
    )
  else if (!known) {
    const guess = nearest(policy, SCHED_POLICIES)
    refuse(
      'scheduler-policy',
      `${at}/policy`,
      `There is no policy "${policy}".${didYouMean(guess)}`,
      initFailed(`invalid scheduler policy: ${policy}`),
      `It is one of ${SCHED_POLICIES.join(', ')}.`,
      guess ? { title: `Use "${guess}"`, value: guess } : null,
    )
  }
  if ((policy === 'SCHED_OTHER' || policy === 'SCHED_BATCH') && (nice < -20 || nice > 19))
    refuse(
      'scheduler-nice',
      `${at}/nice`,
      'nice goes from -20 to 19.',
      failed(`invalid scheduler.nice: ${nice} when scheduler.policy is ${policy}`),
      'Lower numbers get more time.',
      { title: `Write ${nice > 19 ? 19 : -20}`, value: nice > 19 ? 19 : -20 },
    )
  else if ((policy === 'SCHED_OTHER' || policy === 'SCHED_BATCH') && nice < 0)
    context.report({
      id: 'scheduler-privilege',
      severity: 'fails-later',
      pointer: `${at}/nice`,
      message: 'A negative nice needs CAP_SYS_NICE on the machine itself.',
      runc: initFailed('error setting scheduler: operation not permitted'),
      why: 'In a user namespace, as in a sandbox of the lab, the kernel refuses it.',
    })
  const realtime = policy === 'SCHED_FIFO' || policy === 'SCHED_RR'
  if (priority !== 0 && !realtime)
    refuse(
      'scheduler-priority',
      `${at}/priority`,
      'priority is for SCHED_FIFO and SCHED_RR.',
      failed('scheduler.priority can only be specified for SchedFIFO or SchedRR policy'),
      'Other policies use nice.',
    )
  else if (realtime && (priority < 1 || priority > 99))
    refuse(
      'scheduler-priority',
      scheduler.priority === undefined ? at : `${at}/priority`,
      'A realtime priority goes from 1 to 99.',
      initFailed('error setting scheduler: invalid argument'),
      'The kernel refuses others.',
      null,
    )
  else if (realtime || policy === 'SCHED_DEADLINE')
    context.report({
      id: 'scheduler-privilege',
      severity: 'fails-later',
      pointer: `${at}/policy`,
      message: 'Realtime policies need CAP_SYS_NICE on the machine itself.',
      runc: initFailed('error setting scheduler: operation not permitted'),
      why: 'In a user namespace, as in a sandbox of the lab, the kernel refuses them.',
    })
  if (policy !== 'SCHED_DEADLINE' && (runtime !== 0 || deadline !== 0 || period !== 0)) {
    const which = runtime !== 0 ? 'runtime' : deadline !== 0 ? 'deadline' : 'period'
    if (policy !== '')
      refuse(
        'scheduler-deadline',
        `${at}/${which}`,
        `${which} is for SCHED_DEADLINE.`,
        failed('scheduler runtime/deadline/period can only be specified for SchedDeadline policy'),
        'Other policies have no such times.',
      )
  } else if (policy === 'SCHED_DEADLINE') {
    const end = deadline === 0 ? period : deadline
    if (runtime < 1024 || end === 0 || runtime > end || (period !== 0 && end > period))
      refuse(
        'scheduler-deadline',
        at,
        'SCHED_DEADLINE needs runtime <= deadline <= period, in nanoseconds.',
        initFailed('error setting scheduler: invalid argument'),
        'runtime is the time it may run within each period, at least 1024.',
      )
  }
  flags.forEach((flag, i) => {
    if (SCHED_FLAGS.some((name) => name === flag)) return
    const guess = nearest(flag, SCHED_FLAGS)
    refuse(
      'scheduler-flag',
      `${at}/flags/${i}`,
      `There is no flag "${flag}".${didYouMean(guess)}`,
      initFailed(`invalid scheduler flag: ${flag}`),
      `The flags are ${SCHED_FLAGS.join(', ')}.`,
      guess ? { title: `Use "${guess}"`, value: guess } : null,
    )
  })
}

function ioPriority(context: Context): void {
  const { ioPriority } = context.spec.process ?? {}
  if (!ioPriority) return
  const at = '/process/ioPriority'
  const { class: name = '', priority = 0 } = ioPriority
  if (priority < 0 || priority > 7)
    context.report({
      id: 'io-priority-range',
      severity: 'refused',
      pointer: `${at}/priority`,
      message: 'An I/O priority goes from 0 (first) to 7 (last).',
      runc: failed(`invalid ioPriority.Priority: ${priority}`),
      why: 'The kernel has eight levels in each class.',
      fix: { title: 'Write 4', edits: context.set(`${at}/priority`, 4) },
    })
  if (!IOPRIO_CLASSES.some((known) => known === name)) {
    const guess =
      IOPRIO_CLASSES.find((known) => known.endsWith(`_${name.toUpperCase()}`)) ??
      nearest(name, IOPRIO_CLASSES)
    context.report({
      id: 'io-priority-class',
      severity: 'refused',
      pointer: ioPriority.class === undefined ? at : `${at}/class`,
      message: `The class is one of ${IOPRIO_CLASSES.join(', ')}.${name === '' ? '' : didYouMean(guess)}`,
      runc: failed(`invalid ioPriority.Class: "${name}"`),
      why: 'RT comes first, BE is the usual one, IDLE gets what is left.',
      fix: {
        title: `Use "${guess ?? 'IOPRIO_CLASS_BE'}"`,
        edits: context.set(`${at}/class`, guess ?? 'IOPRIO_CLASS_BE'),
      },
    })
  } else if (name === 'IOPRIO_CLASS_RT')
    context.report({
      id: 'io-priority-privilege',
      severity: 'fails-later',
      pointer: `${at}/class`,
      message: 'The realtime class needs CAP_SYS_ADMIN on the machine itself.',
      runc: initFailed('failed to set io priority: operation not permitted'),
      why: 'In a user namespace, as in a sandbox of the lab, the kernel refuses it.',
      fix: { title: 'Use "IOPRIO_CLASS_BE"', edits: context.set(`${at}/class`, 'IOPRIO_CLASS_BE') },
    })
}

function affinity(context: Context): void {
  const { execCPUAffinity } = context.spec.process ?? {}
  for (const name of ['initial', 'final'] as const) {
    const list = execCPUAffinity?.[name]
    if (!list) continue
    const problem = affinityProblem(list)
    if (problem === null) continue
    context.report({
      id: 'affinity-format',
      severity: 'refused',
      pointer: `/process/execCPUAffinity/${name}`,
      message: `"${list}" is no list of processors.`,
      runc: failed(`bad CPUAffinity.${name === 'initial' ? 'Initial' : 'Final'}: ${problem}`),
      why: 'It is numbers and ranges, separated by commas, such as "0-3,5", each at most 1023.',
    })
  }
}

/** Go's words for what is wrong with a list of processors; null if nothing is. */
function affinityProblem(list: string): string | null {
  for (const part of list.split(',').map((text) => text.trim())) {
    if (part === '') continue
    const cut = part.indexOf('-')
    const ends = cut < 0 ? [part] : [part.slice(0, cut), part.slice(cut + 1)]
    for (const end of ends) {
      if (!/^\d+$/.test(end)) return `strconv.ParseUint: parsing ${JSON.stringify(end)}: invalid syntax`
      if (Number(end) > 4_294_967_295)
        return `strconv.ParseUint: parsing ${JSON.stringify(end)}: value out of range`
      if (Number(end) > 1023) return 'values larger than 1023 are not supported'
    }
    if (ends.length === 2 && Number(ends[0]) > Number(ends[1])) return `invalid range: ${part}`
  }
  return null
}
