/** The shape of the optional lab.yaml beside a lesson's index.json or a step's text: what this lab adds to Killercoda. */
import { z } from 'zod'
import { TierName } from '../protocol/ids.ts'
import { StepCheck } from '../protocol/step-check.ts'
import { DEFAULT_TIER } from '../protocol/tier.ts'

const sentence = z.string().trim().min(1)
const file = z.string().trim().min(1)
const id = z.string().regex(/^[a-z0-9][a-z0-9-]{0,63}$/, 'lower-case letters, digits and dashes')
const pointer = z.string().regex(/^(\/([^~/]|~[01])*)*$/, 'a JSON pointer, such as /process/args')

/** One operation of a JSON patch (RFC 6902). */
const Operation = z.discriminatedUnion('op', [
  z.strictObject({ op: z.enum(['add', 'replace', 'test']), path: pointer, value: z.json() }),
  z.strictObject({ op: z.literal('remove'), path: pointer }),
  z.strictObject({ op: z.enum(['move', 'copy']), from: pointer, path: pointer }),
])

export const Edit = z.strictObject({
  id: id.describe('Names the edit; a fence `diff edit=<id>` in the text shows it there.'),
  title: sentence.describe('What the edit does, on its card.'),
  file: file.optional().describe('File in the sandbox; the lesson’s `file` if not given.'),
  patch: z
    .array(Operation)
    .min(1)
    .describe('JSON patch (RFC 6902), applied as a minimal change of the text.'),
})
export type Edit = z.infer<typeof Edit>

export const Hint = z.strictObject({
  text: sentence.describe('The hint, in Markdown.'),
  when: sentence
    .optional()
    .describe('Shell condition in the sandbox: the hint fits if it exits with 0. Without it: always.'),
})
export type Hint = z.infer<typeof Hint>

export const Question = z
  .strictObject({
    ask: sentence.describe('The question, in Markdown.'),
    answers: z
      .array(z.union([sentence, z.number(), z.boolean()]).transform(String))
      .min(2)
      .describe('The answers to choose from.'),
    right: z
      .union([z.number().int().min(0), z.array(z.number().int().min(0)).min(1)])
      .describe('Index of the right answer, counted from 0, or a list of them.'),
    because: sentence.describe('Why, shown after answering.'),
  })
  .refine(({ answers, right }) => [right].flat().every((index) => index < answers.length), {
    path: ['right'],
    message: 'is not the index of an answer; the first is 0',
  })
export type Question = z.infer<typeof Question>

/** `lab.yaml` beside a step's text. */
export const StepExtras = z.strictObject({
  goal: sentence.optional().describe('What the learner can do after this step, in one sentence.'),
  minutes: z.number().positive().max(600).optional().describe('How long it takes.'),
  edits: z
    .array(Edit)
    .optional()
    .describe('Changes of a JSON file, each shown as a diff and applied by one click.'),
  hints: z.array(Hint).optional().describe('Hints, the gentlest first.'),
  mistake: sentence.optional().describe('The mistake that most people make here, in Markdown.'),
  questions: z.array(Question).optional().describe('Questions on what was learned.'),
  deeper: z
    .array(z.strictObject({ title: sentence, url: z.url({ protocol: /^https?$/ }) }))
    .optional()
    .describe('Where to read on: `title` and `url` of each source.'),
  prepare: file
    .optional()
    .describe(
      'Script that makes what the edits change, run before them when the solution is applied; `prepare.sh` beside the text if not given.',
    ),
  solution: file
    .optional()
    .describe('Script that does the step after its edits; `solve.sh` beside the text if not given.'),
  verifyMode: z
    .enum(['auto', 'exit', 'done'])
    .optional()
    .describe(
      'How the verify script says “passed”: exit status 0, or `done` as its last line. `auto` (default) reads it off the script.',
    ),
  checks: z
    .array(StepCheck)
    .optional()
    .describe('Checks on meaning, after verify.sh; the first that fails says its `else`.'),
})
export type StepExtras = z.infer<typeof StepExtras>

/** `lab.yaml` beside a lesson's index.json. */
export const LessonExtras = z.strictObject({
  file: file
    .default('/tmp/mycontainer/config.json')
    .describe('The file that edits and checks mean and the editor shows.'),
  tier: TierName.default(DEFAULT_TIER).describe(
    'How much of the kernel the sandbox may use: `plain` (files, shells, jq), `unshare` (also namespaces, mounts, cgroups, runc) or `docker` (everything). The less, the safer.',
  ),
  starts: z
    .record(sentence, file)
    .optional()
    .describe(
      'What edited files hold before the first edit, by their path: a file of the lesson. Diffs and the take-home page are made from it.',
    ),
  chapters: z
    .array(z.strictObject({ title: sentence, about: sentence.optional(), steps: z.array(id).min(1) }))
    .optional()
    .describe('`title`, `about` and the `steps` (by address) of each chapter.'),
  glossary: z
    .array(z.strictObject({ id, term: sentence, text: sentence }))
    .optional()
    .describe('Terms; `[word](term:<id>)` in the text explains one.'),
  challenge: z
    .strictObject({
      title: sentence,
      text: file,
      verify: file.optional(),
      solution: file.optional(),
      minutes: z.number().positive().optional(),
    })
    .optional()
    .describe(
      'A free task after the last step: `title`, `text`, and perhaps `verify`, `solution` and `minutes`.',
    ),
  takeHome: z
    .strictObject({ title: sentence.optional(), text: file })
    .optional()
    .describe('A page about what the learner takes along.'),
})
export type LessonExtras = z.infer<typeof LessonExtras>
