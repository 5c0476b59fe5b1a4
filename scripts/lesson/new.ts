/** `lesson new`: a lesson of one step that plays as it is, for an author to go on from. */
import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { slugify } from '../../server/lessons/slug.ts'

const FENCE = '```'

const TEXT = `Say what this is about, in a sentence or two.

${FENCE}bash
mkdir -p /tmp/mycontainer/rootfs
${FENCE}{{exec}}

> **Predict.** What will \`ls\` print now?
`

const VERIFY = `#!/bin/bash
# Passed when the folder is there. Otherwise one sentence says what is missing.
[ -d /tmp/mycontainer/rootfs ] && exit 0
echo 'There is no folder /tmp/mycontainer/rootfs yet.'
exit 1
`

const SOLVE = `#!/bin/bash
# Does the step, for learners who want to see how, and for the test that proves it can be done.
mkdir -p /tmp/mycontainer/rootfs
`

const LAB = `# What this lab adds to Killercoda; every key is optional. docs/writing-lessons.md lists them all.
goal: Make the folder of a bundle.
minutes: 3
hints:
  - text: The command above makes two folders at once.
  - when: test -d /tmp/mycontainer
    text: The outer folder is there. What about \`rootfs\` in it?
questions:
  - ask: What does \`-p\` do?
    answers: [It prints the path., It makes parents as needed.]
    right: 1
    because: Without it, mkdir refuses to make a folder whose parent is missing.
`

/** Never writes over anything. Returns the exit code. */
export function newCommand(folder: string): number {
  const name = path.basename(path.resolve(folder))
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    process.stderr.write(`${folder} is there and not empty: choose another folder.\n`)
    return 1
  }
  if (slugify(name) !== name)
    process.stderr.write(`Note: the lesson's address will be "${slugify(name)}", made from "${name}".\n`)
  const title = name.charAt(0).toUpperCase() + name.slice(1).replace(/[-_]+/g, ' ')
  const index = {
    title,
    description: 'What the learner will have done, in a sentence.',
    difficulty: 'beginner',
    time: '5 minutes',
    details: {
      intro: { title: 'Before you begin', text: 'intro.md' },
      steps: [{ title: 'First step', text: 'first-step/text.md', verify: 'first-step/verify.sh' }],
      finish: { title: 'Done', text: 'finish.md' },
    },
    environment: { uilayout: 'editor-terminal' },
    backend: { imageid: 'ubuntu' },
  }
  const files: [string, string, number?][] = [
    ['index.json', `${JSON.stringify(index, null, 2)}\n`],
    ['intro.md', 'Say what one will learn here, and what one should know before.\n'],
    ['first-step/text.md', TEXT],
    ['first-step/verify.sh', VERIFY, 0o755],
    ['first-step/solve.sh', SOLVE, 0o755],
    ['first-step/lab.yaml', LAB],
    ['finish.md', 'Say what was learned, and where to go on.\n'],
  ]
  for (const [file, content, mode = 0o644] of files) {
    mkdirSync(path.dirname(path.join(folder, file)), { recursive: true })
    writeFileSync(path.join(folder, file), content, { mode })
  }
  process.stdout.write(
    `Made ${folder}. See it:    npm run -s lesson -- preview ${folder}\n` +
      `Prove that it works:       npm run -s lesson -- solve ${folder}\n`,
  )
  return 0
}
