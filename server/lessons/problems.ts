/** What can be wrong with a lesson: one code for each kind, how much it matters, and what to do about it. */

/** A finding about one place of a lesson. */
export interface Problem {
  /** Relative to the lesson's folder. */
  file: string
  /** From 1; 1 where the whole file is meant. */
  line: number
  code: Code
  message: string
}

/**
 * `fatal`: the lesson cannot be played. `lost`: it can, but something in it does not work here. `note`: it plays as its
 * author meant, and yet something is worth knowing.
 */
export type Level = 'fatal' | 'lost' | 'note'

interface Kind {
  level: Level
  /** What the author can do. */
  fix: string
}

const fatal = (fix: string): Kind => ({ level: 'fatal', fix })
const lost = (fix: string): Kind => ({ level: 'lost', fix })
const note = (fix: string): Kind => ({ level: 'note', fix })

export const PROBLEMS = {
  'index-missing': fatal('A lesson is a folder with an index.json in it.'),
  'index-unreadable': fatal('Write index.json as one JSON object, in UTF-8.'),
  'no-text': fatal('Add the files that index.json names.'),
  'needs-kubernetes': fatal('This lab has one machine with docker and runc, and no cluster.'),
  'needs-other-machine': fatal('This lab has one Debian machine with docker and runc.'),

  'json-syntax': note('Mend the JSON: no comments, no comma behind the last item.'),
  'yaml-syntax': lost('Mend the YAML: look at indentation and quotes.'),
  'wrong-type': lost('Give the key a value of the kind that the message names.'),
  'unknown-key': note('Check the spelling, or leave it: it is ignored.'),
  'file-missing': lost('Add the file, or correct its name in index.json.'),
  'file-case': note('Write the name as the file has it: other systems tell capitals apart.'),
  'file-outside': lost('Keep the file in the lesson’s own folder.'),
  'file-too-large': lost('Make the file smaller.'),
  'file-unreadable': lost('Make it a plain file that can be read.'),
  encoding: note('Save the file as UTF-8.'),
  'no-pages': note('Add details.steps with at least one text.'),
  'no-title': note('Give it a title.'),
  'no-check': note('Add a verify script: without one the step is done when it is opened.'),
  'same-address': note('Give each a folder or a file of its own name.'),
  'same-title': note('Give each step a title of its own: lists and links show nothing else.'),

  'fence-open': lost('Close the code block with a line of the same marks.'),
  'too-deep': lost('Write it with fewer quotes and lists within each other.'),
  'stray-suffix': note('Put the braces right behind a code block or behind `code`.'),
  'unknown-suffix': note(
    'Use exec, execute, copy or open, and the words that docs/writing-lessons.md lists.',
  ),
  'control-keys': lost('Write control keys as ^C, ^D, ^[ or ^ESC.'),
  'terminal-number': lost('Use T1 to T6.'),
  'image-missing': lost('Add the image, or correct its path.'),
  'image-remote': note(
    'Put the image into assets: the learner has to agree before it is fetched from elsewhere.',
  ),
  'link-missing': note('Correct the link: it leads to no file of this lesson.'),
  'link-dead': note('This site is gone. Link to something that is there.'),
  'html-removed': note('Use Markdown or the HTML that docs/writing-lessons.md lists.'),
  embedded: lost('Link to the page instead: nothing from elsewhere is shown within a lesson.'),
  'quiz-empty': lost('Give the question at least one right answer: `(*)`, `[*]`, `===` or `=~=`.'),

  'second-host': lost('This lab has one machine. Do it there, perhaps in a second terminal.'),
  'port-link': lost('A port of the sandbox has no address outside. The lesson offers curl instead.'),
  dashboard: lost('Tabs beside the terminal that show a web page are not there. Use curl.'),
  'needs-internet': lost(
    'The sandbox has no way to the internet. Bring the files as assets, or use what is there.',
  ),
  'needs-program': lost('The program is not in the sandbox.'),
  'machine-differs': lost('The lab’s own machine is used: Debian with docker and runc.'),
  'asset-missing': lost('Add the file below assets/, or correct the pattern.'),
  'asset-none': note('Add files below assets/ that fit, or take the line away.'),
  'asset-target': lost('Use an absolute path or one that begins with ~/ as target.'),
  'script-syntax': lost('Mend the script: bash cannot read it.'),
  'check-always-passes': note('Have the script exit with 1 when the step is not done.'),
  'lab-key': lost('Correct the key in lab.yaml; docs/writing-lessons.md lists them all.'),
  'too-many': note('Mend the others first.'),
} as const satisfies Record<string, Kind>

export type Code = keyof typeof PROBLEMS

export const levelOf = (problem: Problem): Level => PROBLEMS[problem.code].level
export const fixOf = (problem: Problem): string => PROBLEMS[problem.code].fix

/** Whether a lesson with these problems can be played: wholly, in part, or not. */
export function playable(problems: Problem[]): boolean | 'partly' {
  const levels = new Set(problems.map(levelOf))
  if (levels.has('fatal')) return false
  return levels.has('lost') ? 'partly' : true
}

/** Collects problems, each once, and not without end. */
export class Problems {
  readonly #found = new Map<string, Problem>()
  #left = 0

  add(code: Code, file: string, line: number, message: string): void {
    const key = `${code}\n${file}\n${line}\n${message}`
    if (this.#found.size >= 200 && levelOf({ code, file, line, message }) !== 'fatal') this.#left++
    else this.#found.set(key, { file, line, code, message })
  }

  /** In the order of files as first seen, then of lines. */
  get all(): Problem[] {
    const list = [...this.#found.values()]
    const order = new Map([...new Set(list.map(({ file }) => file))].map((file, index) => [file, index]))
    list.sort((a, b) => order.get(a.file)! - order.get(b.file)! || a.line - b.line)
    if (this.#left === 0) return list
    return [
      ...list,
      { file: 'index.json', line: 1, code: 'too-many', message: `There are ${this.#left} more problems.` },
    ]
  }
}
