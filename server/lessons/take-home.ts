/** What a learner takes along: the finished file, and a script that repeats the lesson on a machine of their own. */
import type { Edit } from './lab-schema.ts'
import type { Lesson, Step } from './lesson.ts'
import { replay } from './replay.ts'

/** The lesson's file with every edit in it; null if the lesson does not say what the file starts from. */
export const finishedFile = (lesson: Lesson): string | null => replay(lesson).files.get(lesson.file) ?? null

const HEAD = `#!/bin/bash
# TITLE: the whole lesson, repeated on your own machine.
# It needs Linux with root, runc, docker and jq, and works in /tmp only, except where a step says otherwise.
# Each step waits for Enter; with -y nothing waits.
set -u
[ "$(id -u)" = 0 ] || { echo 'Run this as root: sudo bash $0'; exit 1; }
for tool in runc docker jq; do
  command -v $tool >/dev/null || { echo "This needs $tool, which is not installed."; exit 1; }
done
ask() { [ "\${1:-}" = -y ] && return; read -r -p 'Enter goes on, Ctrl-C ends. ' _; }
edit() { jq --tab "$2" "$1" >"$1.new" && cat "$1.new" >"$1" && rm "$1.new"; }
`

/** A bash script: step by step what the edits and the solutions do. */
export function script(lesson: Lesson): string {
  const steps = lesson.steps.map((step, index) => {
    const work = [
      step.prepare && subshell(step.prepare),
      ...step.edits.map((edit) => editing(edit, lesson.file)),
      step.solution && subshell(step.solution),
    ]
    return [
      `echo; echo ${quote(`== ${index + 1}. ${step.title}`)}`,
      ...(step.goal ? [`echo ${quote(step.goal)}`] : []),
      'ask "$@"',
      ...work.filter((part) => part !== null),
      ...checking(step),
    ].join('\n')
  })
  return [HEAD.replace('TITLE', lesson.title), ...steps, "echo; echo 'That was the lesson.'", ''].join('\n\n')
}

function checking({ verifyScript }: Step): string[] {
  if (verifyScript === null) return []
  return [
    `if said=$(bash -c ${quote(withoutHead(verifyScript))}); then echo 'Step done.'; else echo "Not done: $said"; failed=1; fi`,
    `if [ "\${1:-}" = -y ] && [ -n "\${failed:-}" ]; then exit 1; fi`,
  ]
}

/** Apart, because a solution may end with \`exit\`. */
const subshell = (body: string) => `bash -c ${quote(withoutHead(body))}`

function editing({ title, file, patch }: Edit, own: string): string {
  const filter = patch.flatMap((operation) => {
    const path = JSON.stringify(pathOf(operation.path))
    switch (operation.op) {
      case 'add':
      case 'replace': {
        const value = JSON.stringify(operation.value)
        return operation.path.endsWith('/-')
          ? `setpath(${parentOf(operation.path)}; getpath(${parentOf(operation.path)}) + [${value}])`
          : `setpath(${path}; ${value})`
      }
      case 'remove':
        return `delpaths([${path}])`
      default:
        return []
    }
  })
  return `echo ${quote(`   edit: ${title}`)}\nedit ${quote(file ?? own)} ${quote(filter.join(' | '))}`
}

/** What jq calls a path: names, and numbers for places in lists. */
const pathOf = (pointer: string) =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part.replaceAll('~1', '/').replaceAll('~0', '~')))

const parentOf = (pointer: string) => JSON.stringify(pathOf(pointer).slice(0, -1))

const withoutHead = (body: string) => body.replace(/^#!.*\n/, '').trimEnd()

const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`
