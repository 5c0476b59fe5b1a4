/** Rules about what is run: `process.args`, the environment it is found with, and the file it is in. */
import type { Context } from '../context.ts'
import { initFailed } from '../diagnostic.ts'
import { envRules, pathRules } from './environment.ts'

const SHELL = /(^|\/)(sh|bash|dash|ash|zsh|ksh)$/

export function programRules(context: Context): void {
  const { process } = context.spec
  if (!process) return
  const { args, env } = process
  if (!args || args.length === 0) {
    context.report({
      id: 'args-empty',
      severity: 'refused',
      pointer: '/process/args',
      message: 'There is no program to run.',
      runc: 'runc run failed: args must not be empty',
      why: 'args is the program followed by its arguments.',
      fix: { title: 'Run "sh"', edits: context.set('/process/args', ['sh']) },
    })
    return
  }
  envRules(context, env ?? [])
  argRules(context, args)
  if (args[0] !== undefined) findProgram(context, args[0], env)
}

function argRules(context: Context, args: readonly string[]): void {
  const shell = SHELL.test(args[0] ?? '')
  if (!shell) {
    const odd = args.findIndex(
      (arg, i) => i > 0 && (/^(&&|\|\|?|;|>>?|<|2>&1|&)$/.test(arg) || /^\$\{?\w+\}?$|\$\(|`/.test(arg)),
    )
    if (odd > 0)
      context.report({
        id: 'args-shell-syntax',
        severity: 'no-effect',
        pointer: `/process/args/${odd}`,
        message: `"${args[odd]}" goes to ${args[0]} as it stands: there is no shell.`,
        why: 'runc starts the program itself. For variables, pipes and && run a shell.',
        fix: {
          title: 'Run it with sh -c',
          edits: context.set('/process/args', [
            'sh',
            '-c',
            args.map((arg) => (/^[\w@%+=:,./|&;<>$(){}`-]+$/.test(arg) ? arg : `"${arg}"`)).join(' '),
          ]),
        },
      })
  } else if (args[1] === '-c' && args.length === 2)
    context.report({
      id: 'args-shell-no-script',
      severity: 'fails-later',
      pointer: '/process/args/1',
      message: '-c needs the commands as the next argument.',
      why: 'The shell ends with an error at once.',
    })
  else if (args[1] === '-c' && args.length > 3 && !/\$[@*0-9#{]/.test(args[2] ?? ''))
    context.report({
      id: 'args-shell-split',
      severity: 'no-effect',
      pointer: '/process/args/3',
      message: 'After -c only the next argument is the script; this one becomes $0.',
      why: 'The whole script must be one string.',
      fix: {
        title: 'Join them',
        edits: context.set('/process/args', [...args.slice(0, 2), args.slice(2).join(' ')]),
      },
    })
  const zero = args.findIndex((arg) => arg.includes('\0'))
  if (zero >= 0)
    context.report({
      id: 'args-null-byte',
      severity: zero === 0 ? 'refused' : 'fails-later',
      pointer: `/process/args/${zero}`,
      message: 'An argument must not contain a zero byte.',
      runc: initFailed(`exec: "${args[0]}": executable file not found in $PATH`),
      why: 'It ends every string in C.',
    })
}

function findProgram(context: Context, program: string, env: readonly string[] | undefined): void {
  const notFound = initFailed(`exec: "${program}": executable file not found in $PATH`)
  const pointer = '/process/args/0'
  if (program === '') {
    context.report({
      id: 'args-empty-name',
      severity: 'refused',
      pointer,
      message: 'The name of the program is empty.',
      runc: notFound,
      why: 'The first of args is the program.',
    })
    return
  }
  if (program.startsWith('-') && !program.includes('/')) {
    context.report({
      id: 'args-option-first',
      severity: 'refused',
      pointer,
      message: `The first of args is the program; "${program}" is an option.`,
      runc: notFound,
      why: 'runc has no default program as an image has.',
    })
    return
  }
  const facts = context.bundle?.programs
  if (facts) {
    programFacts(context, program, pointer, notFound)
    // Whoever gathered the facts may have looked in the usual directories, for want of a PATH.
    if (facts.some(({ kind }) => kind === 'file') && env?.some((entry) => entry.startsWith('PATH='))) return
  } else if (/\s/.test(program.trim()) && /^\S*[a-z]\S*\s+\S/.test(program)) {
    const words = program.trim().split(/\s+/)
    context.report({
      id: 'args-one-string',
      severity: 'refused',
      pointer,
      message: 'Program and arguments must be elements of their own.',
      runc: program.includes('/')
        ? initFailed(`exec: "${program}": stat ${program}: no such file or directory`)
        : notFound,
      why: 'runc looks for a file with this whole name, blanks included.',
      fix: {
        title: 'Split it',
        edits: () => {
          const node = context.node(pointer)!
          return [
            {
              from: node.offset,
              to: node.offset + node.length,
              text: words.map((word) => JSON.stringify(word)).join(', '),
            },
          ]
        },
      },
    })
    return
  }
  if (!program.includes('/')) pathRules(context, program, env, notFound)
  else if (!facts && FOLDERS.test(program))
    context.report({
      id: 'args-directory',
      severity: 'refused',
      pointer,
      message: `${program} is a directory.`,
      runc: initFailed(`exec: "${program}": is a directory`),
      why: 'The first of args is a program.',
    })
  else if (!facts && /^\/etc\/(passwd|group|hostname|hosts|resolv\.conf|shadow)$/.test(program))
    context.report({
      id: 'args-not-executable',
      severity: 'refused',
      pointer,
      message: `${program} is no program.`,
      runc: initFailed(`exec: "${program}": permission denied`),
      why: 'The first of args is a program, a file with the x bit.',
    })
}

/** Directories that every root file system has under these names. */
const FOLDERS = /^\/((usr\/)?s?bin|etc|dev|proc|sys|tmp|root|home|usr|var|lib|opt|mnt|run)?\/?$/

/** What stands in the rootfs under the names that args[0] can mean. */
function programFacts(context: Context, program: string, pointer: string, notFound: string): void {
  const facts = context.bundle!.programs!
  const usable = facts.find(({ kind, mode = 0o755 }) => kind === 'file' && (mode & 0o111) !== 0)
  const hidden = mountedOver(
    context,
    facts.map(({ path }) => path),
  )
  if (!usable) {
    if (hidden || context.bundle!.rootfs.kind !== 'directory' || context.bundle!.rootfs.empty) return
    const plain = facts.find(({ kind }) => kind === 'file')
    const folder = facts.find(({ kind }) => kind === 'directory')
    const slash = program.includes('/')
    if (plain && slash)
      context.report({
        id: 'args-not-executable',
        severity: 'refused',
        pointer,
        message: `${plain.path} may not be executed.`,
        runc: initFailed(`exec: "${program}": permission denied`),
        why: `Give it the x bit: chmod +x rootfs${plain.path}`,
      })
    else if (folder && slash)
      context.report({
        id: 'args-directory',
        severity: 'refused',
        pointer,
        message: `${folder.path} is a directory.`,
        runc: initFailed(`exec: "${program}": is a directory`),
        why: 'The first of args is a program.',
      })
    else {
      const words = program.trim().split(/\s+/)
      context.report({
        id: words.length > 1 ? 'args-one-string' : 'args-not-found',
        severity: 'refused',
        pointer,
        message:
          words.length > 1
            ? 'Program and arguments must be elements of their own.'
            : `There is no "${program}" in the root file system.`,
        runc: slash ? initFailed(`exec: "${program}": stat ${program}: no such file or directory`) : notFound,
        why: slash
          ? 'The path is looked up inside the container.'
          : 'runc looks in each directory of PATH, inside the container.',
        fix:
          words.length > 1
            ? {
                title: 'Split it',
                edits: context.set('/process/args', [
                  ...words,
                  ...(context.spec.process!.args ?? []).slice(1),
                ]),
              }
            : null,
      })
    }
    return
  }
  if (hidden) return
  if (usable.foreignMachine)
    context.report({
      id: 'args-foreign-machine',
      severity: 'fails-later',
      pointer,
      message: `${usable.path} is built for ${usable.foreignMachine}.`,
      runc: `exec ${usable.path}: exec format error`,
      why: 'This machine has another processor.',
    })
  else if (
    usable.format === 'unknown' ||
    usable.format === 'empty' ||
    (usable.format === 'script' && usable.interpreter === null)
  )
    context.report({
      id: 'args-exec-format',
      severity: 'fails-later',
      pointer,
      message:
        usable.format === 'empty'
          ? `${usable.path} is empty.`
          : `${usable.path} is no program that the kernel can run: a script needs a first line such as #!/bin/sh.`,
      runc: `exec ${usable.path}: exec format error`,
      why: 'A shell would run it all the same; runc asks the kernel, which looks at the first bytes.',
      fix: {
        title: 'Run it with sh',
        edits: context.set('/process/args', [
          'sh',
          usable.path,
          ...(context.spec.process!.args ?? []).slice(1),
        ]),
      },
    })
  else if (usable.interpreter && usable.interpreterFound === false)
    context.report({
      id: 'args-interpreter-missing',
      severity: 'fails-later',
      pointer,
      message: `${usable.path} needs ${usable.interpreter}, which is not in the root file system.`,
      runc: `exec ${usable.path}: no such file or directory`,
      why:
        usable.format === 'elf'
          ? 'It is linked dynamically, and its loader is missing; often it is built for another C library.'
          : 'The first line of the script names a program that is missing.',
    })
}

/** Whether mounts may put something over all the places that were looked at. */
function mountedOver(context: Context, paths: readonly string[]): boolean {
  const places = (context.spec.mounts ?? [])
    .map(({ destination = '' }) => destination)
    .filter((place) => !/^\/(proc|dev|sys)(\/|$)/.test(place))
  return places.some((place) =>
    paths.some((path) => path === place || path.startsWith(`${place.replace(/\/$/, '')}/`)),
  )
}
