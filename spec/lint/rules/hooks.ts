/** Rules about `hooks`: programs that run beside the container while it is made and ended. */
import type { Hook } from '../../go/spec.ts'
import type { Context } from '../context.ts'
import { failed, initFailed } from '../diagnostic.ts'

const KINDS = [
  'prestart',
  'createRuntime',
  'createContainer',
  'startContainer',
  'poststart',
  'poststop',
] as const
type Kind = (typeof KINDS)[number]

export function hookRules(context: Context): void {
  for (const kind of KINDS) {
    context.spec.hooks?.[kind]?.forEach((hook, i) => {
      one(context, kind, hook, i)
    })
    if (kind === 'prestart' && context.spec.hooks?.prestart?.length)
      context.report({
        id: 'hook-prestart',
        severity: 'style',
        pointer: '/hooks/prestart',
        on: 'key',
        message: '"prestart" is deprecated: use createRuntime, createContainer or startContainer.',
        why: 'These say in which namespace and when the hook runs. runc still runs prestart, before createRuntime.',
      })
  }
}

/** What runc prints when a hook ends badly; poststop only warns, startContainer only stops the program. */
const words = (kind: Kind, i: number, reason: string) => {
  const said = `error running ${kind} hook #${i}: ${reason}`
  if (kind === 'poststop') return `unable to destroy container: ${said}`
  if (kind === 'startContainer') return said
  return kind === 'poststart' ? failed(said) : initFailed(said)
}

const severityOf = (kind: Kind) =>
  kind === 'poststop' ? 'no-effect' : kind === 'startContainer' ? 'fails-later' : 'refused'

function one(context: Context, kind: Kind, hook: Hook, i: number): void {
  const pointer = `/hooks/${kind}/${i}`
  const { path = '', args = [], timeout } = hook
  const severity = severityOf(kind)
  if (timeout !== undefined && timeout <= 0)
    context.report({
      id: 'hook-timeout',
      severity,
      pointer: `${pointer}/timeout`,
      message: `A timeout of ${timeout} seconds is over before the hook has begun.`,
      runc: words(kind, i, `hook ran past specified timeout of ${timeout}.0s`),
      why: '0 does not mean "none": leave timeout out for that.',
      fix: { title: 'Delete it', edits: context.remove(`${pointer}/timeout`) },
    })
  if (path === '') {
    context.report({
      id: 'hook-path-missing',
      severity,
      pointer: hook.path === undefined ? pointer : `${pointer}/path`,
      message: 'A hook needs a path.',
      runc: words(kind, i, 'exec: no command'),
      why: 'It is the absolute path of the program to run.',
    })
    return
  }
  if (!path.startsWith('/'))
    context.report({
      id: 'hook-path-relative',
      severity: path.includes('/')
        ? 'fails-later'
        : severity === 'refused' && !inBundle(context, path)
          ? 'refused'
          : 'fails-later',
      pointer: `${pointer}/path`,
      message: 'The path of a hook must be absolute.',
      runc: words(kind, i, `fork/exec ${path}: no such file or directory`),
      why: 'PATH is not searched; the kernel would take the path from whatever directory runc is in.',
    })
  else if (/^\/(usr\/)?bin\/false$/.test(path))
    context.report({
      id: 'hook-fails',
      severity,
      pointer: `${pointer}/path`,
      message: 'This program always fails, and so does the hook.',
      runc: words(kind, i, 'exit status 1, stdout: , stderr: '),
      why:
        kind === 'poststop'
          ? 'runc only warns.'
          : 'A hook that ends with another status than 0 ends the container.',
    })
  else pathFacts(context, kind, path, i, `${pointer}/path`)
  const shell = /(^|\/)(ba|da|a|k|z)?sh$/.test(path)
  if (args.length > 0 && args[0]!.startsWith('-'))
    context.report({
      id: 'hook-args-no-name',
      severity: shell && args[0] === '-c' ? severity : 'fails-later',
      pointer: `${pointer}/args`,
      message: "The first of a hook's args is its own name, so this first one is lost.",
      runc: words(
        kind,
        i,
        shell
          ? `exit status 2, stdout: , stderr: ${args[0]}: 0: cannot open ${args[1] ?? ''}`
          : 'exit status 1',
      ),
      why: 'args is passed on as argv, where argv[0] is the name of the program.',
      fix: {
        title: `Put "${path.split('/').at(-1)}" in front`,
        edits: context.add(`${pointer}/args/0`, path.split('/').at(-1)!),
      },
    })
}

/** Whether a file of that name may lie in the bundle, where runc is while it runs hooks. */
function inBundle(context: Context, path: string): boolean {
  const { bundle } = context
  if (!bundle) return /\.\w+$/.test(path)
  return context.outside(path)?.kind !== 'missing'
}

function pathFacts(context: Context, kind: Kind, path: string, i: number, pointer: string): void {
  const fact = kind === 'startContainer' ? context.bundle?.inside?.[path] : context.outside(path)
  if (!fact) return
  const severity = severityOf(kind)
  const where = kind === 'startContainer' ? ' in the rootfs' : ''
  if (fact.kind === 'missing')
    context.report({
      id: 'hook-not-found',
      severity,
      pointer,
      message: `There is no ${path}${where}.`,
      runc: words(kind, i, `fork/exec ${path}: no such file or directory`),
      why:
        kind === 'startContainer'
          ? 'This hook runs inside the container, where only the rootfs and the mounts exist.'
          : 'This hook runs outside of the container, with the files of the machine.',
    })
  else if (
    fact.kind === 'directory' ||
    (fact.kind === 'file' && fact.mode !== undefined && (fact.mode & 0o111) === 0)
  )
    context.report({
      id: 'hook-not-executable',
      severity,
      pointer,
      message: fact.kind === 'directory' ? `${path} is a directory.` : `${path} may not be executed.`,
      runc: words(kind, i, `fork/exec ${path}: permission denied`),
      why: fact.kind === 'directory' ? 'A hook is a program.' : `Give it the x bit: chmod +x ${path}`,
    })
}
