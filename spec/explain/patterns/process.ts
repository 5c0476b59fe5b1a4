/** Messages about the program that runs and its settings. */
import type { Pattern } from '../pattern.ts'

export const processPatterns: readonly Pattern[] = [
  {
    id: 'process-missing',
    match: /process property must not be empty/,
    title: 'There is no "process" section',
    explanation:
      'The specification lets "process" out until the container is started, but runc wants it from the beginning.',
    fix: 'Add "process" with at least "cwd" and "args"; `runc spec` writes one.',
    pointer: '/process',
  },
  {
    id: 'cwd-missing',
    match: /Cwd property must not be empty/,
    title: 'The working directory is missing',
    explanation: '"process.cwd" is empty or left out, and runc has no default for it.',
    fix: 'Set "cwd": "/".',
    pointer: '/process/cwd',
  },
  {
    id: 'cwd-relative',
    match: /Cwd must be an absolute path/,
    title: 'The working directory is not an absolute path',
    explanation:
      '"process.cwd" must begin with a slash: inside the container there is nothing it could be relative to.',
    fix: 'Put a slash in front, such as "cwd": "/app".',
    pointer: '/process/cwd',
  },
  {
    id: 'args-empty',
    match: /args must not be empty/,
    title: 'There is no program to run',
    explanation:
      '"process.args" is missing or an empty list. Its first entry is the program, the others are its arguments.',
    fix: 'Set "args": ["sh"].',
    pointer: '/process/args',
  },
]
