/** Rules about `process`: what runs, as whom, in which environment. */
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'

const PATH = 'PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export function processRules(context: Context): void {
  const { spec } = context
  if (!spec.process) {
    context.report({
      id: 'process-missing',
      severity: 'refused',
      pointer: '/process',
      message: '"process" is missing.',
      runc: failed('process property must not be empty'),
      why: 'The specification lets it out until `start`; runc wants it from the beginning.',
    })
    return
  }
  const { cwd, args, env } = spec.process
  if (!cwd)
    context.report({
      id: 'cwd-missing',
      severity: 'refused',
      pointer: '/process/cwd',
      message: 'The working directory "cwd" is missing.',
      runc: failed('Cwd property must not be empty'),
      why: 'runc has no default for it.',
      fix: { title: 'Use "/"', edits: context.set('/process/cwd', '/') },
    })
  else if (!cwd.startsWith('/'))
    context.report({
      id: 'cwd-relative',
      severity: 'refused',
      pointer: '/process/cwd',
      message: '"cwd" must begin with a slash.',
      runc: failed('Cwd must be an absolute path'),
      why: 'There is nothing inside the container that it could be relative to.',
      fix: { title: `Use "/${cwd}"`, edits: context.set('/process/cwd', `/${cwd.replace(/^\.?\//, '')}`) },
    })
  if (!args || args.length === 0)
    context.report({
      id: 'args-empty',
      severity: 'refused',
      pointer: '/process/args',
      message: 'There is no program to run.',
      runc: failed('args must not be empty'),
      why: 'args is the program followed by its arguments.',
      fix: { title: 'Run "sh"', edits: context.set('/process/args', ['sh']) },
    })
  env?.forEach((entry, i) => {
    if (entry.includes('=')) return
    context.report({
      id: 'env-no-equals',
      severity: 'refused',
      pointer: `/process/env/${i}`,
      message: 'An entry of env is NAME=value.',
      runc: initFailed(`invalid environment variable: missing '='`),
      why: 'runc does not pass on variables of its own environment.',
      fix: entry
        ? { title: `Write "${entry}="`, edits: context.set(`/process/env/${i}`, `${entry}=`) }
        : { title: 'Delete it', edits: context.remove(`/process/env/${i}`) },
    })
  })
  const program = args?.[0]
  if (program && !program.includes('/') && !env?.some((entry) => entry.startsWith('PATH=')))
    context.report({
      id: 'env-no-path',
      severity: 'refused',
      pointer: '/process/env',
      message: `env sets no PATH, so "${program}" is looked for nowhere.`,
      runc: initFailed(`exec: "${program}": executable file not found in $PATH`),
      why: 'The environment in the container is what env says, nothing else.',
      fix: {
        title: 'Add the usual PATH',
        edits: context.set(env ? '/process/env/-' : '/process/env', env ? PATH : [PATH]),
      },
    })
}
