/** Rules about `process.env`, and whether PATH in it lets the program be found. */
import type { Context } from '../context.ts'
import { initFailed } from '../diagnostic.ts'
import { isFragment } from './shared.ts'

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function envRules(context: Context, env: readonly string[]): void {
  env.forEach((entry, i) => {
    const pointer = `/process/env/${i}`
    const equals = entry.indexOf('=')
    if (equals === 0)
      context.report({
        id: 'env-no-name',
        severity: 'refused',
        pointer,
        message: 'An entry of env is NAME=value; here the name is missing.',
        runc: initFailed('invalid environment variable: name cannot be empty'),
        why: 'runc refuses a variable without a name.',
        fix: { title: 'Delete it', edits: context.remove(pointer) },
      })
    else if (equals < 0)
      context.report({
        id: 'env-no-equals',
        severity: 'refused',
        pointer,
        message: 'An entry of env is NAME=value.',
        runc: initFailed("invalid environment variable: missing '='"),
        why: 'runc does not pass on variables of its own environment.',
        fix: entry
          ? { title: `Write "${entry}="`, edits: context.set(pointer, `${entry}=`) }
          : { title: 'Delete it', edits: context.remove(pointer) },
      })
    else if (entry.includes('\0'))
      context.report({
        id: 'env-null-byte',
        severity: 'refused',
        pointer,
        message: 'A variable must not contain a zero byte.',
        runc: initFailed(
          `invalid environment variable "${entry.slice(0, equals)}": contains nul byte (\\x00)`,
        ),
        why: 'It ends every string in C.',
      })
    else {
      const name = entry.slice(0, equals)
      const later = env.findLastIndex((other) => other.startsWith(`${name}=`))
      if (later > i)
        context.report({
          id: 'env-duplicate',
          severity: 'no-effect',
          pointer,
          message: `${name} is set again further down, and the last one counts.`,
          why: 'runc keeps one variable of each name.',
          fix: { title: 'Delete this one', edits: context.remove(pointer) },
        })
      if (/\s$/.test(name))
        context.report({
          id: 'env-name-space',
          severity: 'no-effect',
          pointer,
          message: `The variable is called "${name}", with a blank at its end.`,
          why: 'Everything before the first = is the name.',
          fix: {
            title: 'Delete the blank',
            edits: context.set(pointer, `${name.trim()}=${entry.slice(equals + 1).trimStart()}`),
          },
        })
      else if (name !== 'PATH' && /\$\{?[A-Z_]+\}?/.test(entry.slice(equals)) && name !== 'PS1')
        context.report({
          id: 'env-expansion',
          severity: 'no-effect',
          pointer,
          message: 'Variables in env are not replaced: the program sees the $ as it stands.',
          why: 'Only a shell replaces variables, and no shell reads env.',
        })
    }
  })
}

/** Whether PATH lets the program be found at all. */
export function pathRules(
  context: Context,
  program: string,
  env: readonly string[] | undefined,
  notFound: string,
): void {
  const index = env?.findLastIndex((entry) => entry.startsWith('PATH=')) ?? -1
  const soft = isFragment(context)
  if (index < 0) {
    const near = env?.findIndex((entry) => /^\s*(path|Path)\s*=|^PATH\s+=|^PATH:/.test(entry)) ?? -1
    context.report({
      id: 'env-no-path',
      severity: soft ? 'fails-later' : 'refused',
      pointer: near >= 0 ? `/process/env/${near}` : '/process/env',
      message: `env sets no PATH, so "${program}" is looked for nowhere.`,
      runc: notFound,
      why: 'The environment in the container is what env says, nothing else.',
      fix:
        near >= 0
          ? {
              title: 'Write PATH=',
              edits: context.set(`/process/env/${near}`, env![near]!.replace(/^\s*\w+\s*[:=]\s*/, 'PATH=')),
            }
          : {
              title: 'Add the usual PATH',
              edits: context.set(env ? '/process/env/-' : '/process/env', env ? PATH : [PATH]),
            },
    })
    return
  }
  const folders = env![index]!.slice(5).split(':').filter(Boolean)
  const absolute = folders.filter((folder) => folder.startsWith('/'))
  const literal = folders.some((folder) => folder.includes('$'))
  const usual = absolute.some((folder) => /^\/(usr\/(local\/)?)?s?bin\/?$/.test(folder))
  const fix = { title: 'Write the usual PATH', edits: context.set(`/process/env/${index}`, PATH) }
  if (absolute.length === 0 || (literal && !usual))
    context.report({
      id: literal ? 'env-path-expansion' : 'env-path-empty',
      severity: 'refused',
      pointer: `/process/env/${index}`,
      message: literal
        ? 'Variables in env are not replaced: "$PATH" is the name of a directory here.'
        : 'PATH holds no directory that begins with a slash.',
      runc: notFound,
      why: literal
        ? 'Only a shell replaces variables, and no shell reads env. Write the full value.'
        : 'runc looks for the program in the directories of PATH and refuses relative ones.',
      fix,
    })
  else if (literal)
    context.report({
      id: 'env-path-expansion',
      severity: 'no-effect',
      pointer: `/process/env/${index}`,
      message: 'Variables in env are not replaced: "$PATH" is the name of a directory here.',
      why: 'Only a shell replaces variables, and no shell reads env. Write the full value.',
      fix,
    })
  else if (!usual && !context.bundle?.programs)
    context.report({
      id: 'env-path-unusual',
      severity: 'fails-later',
      pointer: `/process/env/${index}`,
      message: 'None of the usual directories is in PATH.',
      runc: notFound,
      why: `runc looks for "${program}" only in the directories of PATH.`,
      fix,
    })
}
