/** Messages about capabilities, seccomp, sysctls, personality and hooks. */
import type { Pattern } from '../pattern.ts'

export const securityPatterns: readonly Pattern[] = [
  {
    id: 'cap-refused',
    match:
      /unable to apply caps: can't apply capabilities: operation not permitted|unable to apply bounding set/,
    title: 'The capability sets do not fit together',
    explanation:
      'The kernel refuses a capability that is in "effective" but not in "permitted", in "inheritable" but not in "bounding", or that runc itself does not have.',
    fix: 'Add each capability to "bounding", "permitted" and "effective" alike.',
    pointer: '/process/capabilities',
  },
  {
    id: 'cap-unknown',
    match: /ignoring unknown or unavailable capabilities: \[(?<names>[^\]]*)\]/,
    title: ({ names }) => `runc does not know ${names!.split(' ').join(', ')}`,
    explanation:
      'runc goes on without them: the name is misspelt, lacks CAP_ in front, or this kernel does not have it.',
    fix: 'Correct the name; `runc features` and `capsh --print` list them.',
    pointer: '/process/capabilities',
  },
  {
    id: 'cap-ambient-without',
    match: /can't raise ambient capability (?<name>CAP_\w+)/,
    title: ({ name }) => `${name} cannot be ambient`,
    explanation:
      'A capability can only be ambient while it is both permitted and inheritable. runc goes on without it.',
    fix: ({ name }) => `Add ${name} to "permitted", "inheritable" and "bounding".`,
    pointer: '/process/capabilities/ambient',
  },
  {
    id: 'seccomp-action',
    match: /string (?<name>\S*) ?is not a valid action for seccomp/,
    title: ({ name }) => (name ? `There is no seccomp action "${name}"` : 'A seccomp action is missing'),
    explanation:
      'Actions are named as in libseccomp: SCMP_ACT_ALLOW, SCMP_ACT_ERRNO, SCMP_ACT_KILL_PROCESS, SCMP_ACT_LOG and others. Both defaultAction and each rule need one.',
    fix: ({ name }) =>
      name && !name.startsWith('SCMP_') ? `Write "SCMP_ACT_${name.toUpperCase()}".` : 'Correct the action.',
    pointer: '/linux/seccomp',
  },
  {
    id: 'seccomp-operator',
    match: /string (?<name>\S*) ?is not a valid operator for seccomp/,
    title: ({ name }) => (name ? `There is no seccomp operator "${name}"` : 'A condition has no "op"'),
    explanation: 'Operators are SCMP_CMP_EQ, NE, LT, LE, GT, GE and MASKED_EQ, each with SCMP_CMP_ in front.',
    fix: 'Correct "op".',
    pointer: '/linux/seccomp/syscalls',
  },
  {
    id: 'seccomp-arch',
    match: /string (?<name>\S*) ?is not a valid arch for seccomp/,
    title: ({ name }) => `runc does not know the architecture "${name}"`,
    explanation: 'Architectures are named as in libseccomp, such as SCMP_ARCH_X86_64 and SCMP_ARCH_AARCH64.',
    fix: 'Correct "architectures".',
    pointer: '/linux/seccomp/architectures',
  },
  {
    id: 'seccomp-flag',
    match: /seccomp flag (?<name>\S+) is not known to runc/,
    title: ({ name }) => `runc does not know the flag ${name}`,
    explanation:
      'runc 1.3 knows SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_LOG and SECCOMP_FILTER_FLAG_SPEC_ALLOW. The specification names one more.',
    fix: 'Delete the flag.',
    pointer: '/linux/seccomp/flags',
  },
  {
    id: 'seccomp-notify',
    match:
      /SCMP_ACT_NOTIFY cannot be used|seccomp listenerPath is not set|failed to connect with seccomp agent/,
    title: 'SCMP_ACT_NOTIFY needs somebody who answers',
    explanation:
      'With this action each call waits for a program that listens on "listenerPath". It cannot be the default, nor be used for write, which runc needs itself; and the socket must exist before the start.',
    fix: 'Start the agent first (`seccompagent`), or use SCMP_ACT_ERRNO.',
    pointer: '/linux/seccomp/listenerPath',
  },
  {
    id: 'seccomp-rule',
    match: /unable to init seccomp: (?<reason>.+)|error (?:adding|creating|loading) seccomp (?<other>.+)/,
    title: 'The seccomp filter could not be made',
    explanation: ({ reason, other }) => `runc says: ${reason || other}.`,
    fix: 'Check names, args (index 0 to 5) and actions in linux.seccomp.syscalls.',
    pointer: '/linux/seccomp/syscalls',
  },
  {
    id: 'seccomp-too-strict',
    match: /container process is already dead/,
    title: 'The process died before it could start the program',
    explanation:
      'Nearly always a seccomp filter that allows too little: it holds for runc’s own last steps too, such as execve and write. The memory limit can do the same.',
    fix: 'Set defaultAction to SCMP_ACT_ALLOW and forbid single calls; or SCMP_ACT_LOG to see what is used.',
    pointer: '/linux/seccomp',
  },
  {
    id: 'seccomp-arch-none',
    match: /could not find any syscalls for arch (?<arch>\S+)/,
    title: 'The filter names no system call for this processor',
    explanation: ({ arch }) =>
      `After leaving out unknown names, no rule for ${arch} is left, so defaultAction holds for everything.`,
    fix: 'Check "names" and "architectures" in linux.seccomp.',
    pointer: '/linux/seccomp/syscalls',
  },
  {
    id: 'sysctl-hostname',
    match: /sysctl "(?<name>[^"]*)" is not allowed as it conflicts with the OCI "hostname" field/,
    title: 'Set "hostname" instead of this sysctl',
    explanation: 'The specification has a field of its own for the host name.',
    fix: 'Delete it from linux.sysctl and write "hostname": "…".',
    pointer: ({ name }) => `/linux/sysctl/${name}`,
  },
  {
    id: 'sysctl-needs-namespace',
    match: /sysctl "(?<name>[^"]*)" (?:is )?not allowed in (?:the )?hosts? (?<kind>ipc|network) namespace/,
    title: ({ name, kind }) => `${name} needs a "${kind}" namespace`,
    explanation: 'Without one it would be set for the whole machine, and runc refuses that.',
    fix: ({ kind }) => `Add { "type": "${kind}" } to linux.namespaces.`,
    pointer: ({ name }) => `/linux/sysctl/${name}`,
  },
  {
    id: 'sysctl-not-namespaced',
    match: /sysctl "(?<name>[^"]*)" is not in a separate kernel namespace/,
    title: ({ name }) => `${name || 'This sysctl'} would change the whole machine`,
    explanation:
      'Allowed are only settings that belong to a namespace: net.* with a network namespace, fs.mqueue.* and System V IPC with an ipc namespace.',
    fix: 'Delete it from linux.sysctl; on the machine itself use `sysctl -w`.',
    pointer: ({ name }) =>
      name ? `/linux/sysctl/${name.replaceAll('~', '~0').replaceAll('/', '~1')}` : '/linux/sysctl',
  },
  {
    id: 'sysctl-unknown',
    match:
      /open sysctl (?<name>\S+) file: .*?(?<reason>no such file or directory|permission denied|is a directory)/,
    title: ({ name, reason }) =>
      reason === 'permission denied' ? `${name} may not be changed here` : `There is no sysctl ${name}`,
    explanation: ({ reason }) =>
      reason === 'permission denied'
        ? 'Only root of the machine itself may write this one.'
        : 'Each setting is a file below /proc/sys in the container, and this one does not exist. A new network namespace has only the interface lo.',
    fix: 'Correct the name; `sysctl -a` lists them.',
    pointer: ({ name }) => `/linux/sysctl/${name}`,
  },
  {
    id: 'sysctl-value',
    match:
      /failed to write sysctl (?<name>\S+) = (?<value>.+?): write (?<path>\S+): (?<reason>[^"]+)|write sysctl key (?<other>[^:]+): (?<why>.+)/,
    title: ({ name, value, other }) => `The kernel refused ${value ? `${value} for ` : ''}${name || other}`,
    explanation: ({ reason, why }) =>
      `It says "${reason || why}": the value has the wrong form or is out of range.`,
    fix: 'Correct the value in linux.sysctl; it is always a string.',
    pointer: ({ name, other }) => `/linux/sysctl/${name || other}`,
  },
  {
    id: 'personality-domain',
    match: /invalid personality domain (?<name>\S*)/,
    title: ({ name }) => `There is no personality "${name ?? ''}"`,
    explanation: 'The domain is "LINUX" or "LINUX32".',
    fix: 'Correct linux.personality.domain.',
    pointer: '/linux/personality/domain',
  },
  {
    id: 'personality-refused',
    match: /set_personality: (?<reason>.+)/,
    title: 'The kernel refused the personality',
    explanation: ({ reason }) =>
      `It says "${reason}": usually a seccomp filter, of this container or of the sandbox around it, forbids the call.`,
    fix: 'Delete linux.personality, or allow the call in linux.seccomp.',
    pointer: '/linux/personality',
  },
  {
    id: 'personality-flags',
    match: /ignoring unsupported personality flags/,
    title: 'runc ignores the flags of a personality',
    explanation: 'The specification names none so far.',
    fix: 'Delete linux.personality.flags.',
    pointer: '/linux/personality/flags',
  },
  {
    id: 'hook-failed',
    match: /error running (?<kind>\w+) hook #(?<index>\d+): (?<reason>[\s\S]+)/,
    title: ({ kind, index, reason }) =>
      /no such file|no command/.test(reason!)
        ? `The program of ${kind} hook ${index} does not exist`
        : /permission denied|exec format/.test(reason!)
          ? `The program of ${kind} hook ${index} may not be executed`
          : /ran past specified timeout/.test(reason!)
            ? `${kind} hook ${index} took too long`
            : `${kind} hook ${index} failed`,
    explanation: ({ kind, reason }) => {
      const where =
        kind === 'startContainer'
          ? 'This hook runs inside the container, where only the rootfs and the mounts exist.'
          : kind === 'createContainer'
            ? 'This hook runs in the container’s namespaces, but still with the files of the machine.'
            : 'This hook runs on the machine, outside of the container.'
      if (/no such file|no command/.test(reason!))
        return `${where} Its "path" must be absolute and exist there; PATH is not searched.`
      if (/permission denied/.test(reason!)) return `${where} The file has no x bit, or is a directory.`
      if (/exec format/.test(reason!)) return `${where} A script needs a first line such as #!/bin/sh.`
      if (/ran past specified timeout/.test(reason!))
        return `${where} "timeout" is in seconds, and 0 means "over at once", not "none".`
      const status = /exit status (\d+)/.exec(reason!)?.[1]
      return `${where} It ended with ${status ? `status ${status}` : 'an error'}, and what it wrote stands behind "stderr". Remember that the first of "args" is the name of the program itself.`
    },
    fix: ({ reason }) =>
      /ran past/.test(reason!)
        ? 'Leave "timeout" out, or give it enough seconds.'
        : 'Try the command by hand, and correct "path" and "args" of the hook.',
    pointer: ({ kind, index }) => `/hooks/${kind}/${index}`,
  },
]
