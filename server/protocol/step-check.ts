/** A check on meaning, as lab.yaml has it and the host evaluates it: a value of the spec, a container's state, a fact of the kernel. */
import { z } from 'zod'

const pointer = z
  .string()
  .max(500)
  .regex(/^(\/([^~/]|~[01])*)*$/, 'a JSON pointer, such as /process/args')
const container = z.string().regex(/^[\w+.-]{1,128}$/, 'a container’s name')
const text = z.string().min(1).max(2000)

/** An expectation of a value: exactly one of these. */
const expectations = {
  equals: z.json().optional().describe('Has exactly this value.'),
  contains: z.json().optional().describe('A list with this item, or a text with this in it.'),
  matches: z
    .string()
    .max(500)
    .optional()
    .describe('A text, or a value as JSON, that this regular expression matches.'),
  exists: z.boolean().optional().describe('Is there, or is not.'),
}
export type Expectation = { equals?: unknown; contains?: unknown; matches?: string; exists?: boolean }

const one = (value: Expectation) =>
  ['equals', 'contains', 'matches', 'exists'].filter(
    (key) => key in value && value[key as keyof Expectation] !== undefined,
  ).length === 1
const compiles = ({ matches }: Expectation) => {
  try {
    return matches === undefined || Boolean(new RegExp(matches))
  } catch {
    return false
  }
}

export const SpecCheck = z
  .strictObject({
    pointer: pointer.describe('JSON pointer into the file.'),
    file: z
      .string()
      .startsWith('/')
      .max(4000)
      .optional()
      .describe('File in the sandbox; the lesson’s `file` if not given.'),
    ...expectations,
  })
  .refine(one, 'needs exactly one of equals, contains, matches, exists')
  .refine(compiles, 'has a regular expression that is none')
export type SpecCheck = z.infer<typeof SpecCheck>

export const RuncCheck = z.strictObject({
  id: container.describe('The container’s name.'),
  status: z
    .enum(['created', 'running', 'paused', 'stopped', 'absent', 'present'])
    .describe('As `runc state` says it; `absent`: there is none, `present`: in any state.'),
})
export type RuncCheck = z.infer<typeof RuncCheck>

export const KernelCheck = z
  .strictObject({
    id: container.describe('The container’s name.'),
    pointer: pointer
      .optional()
      .describe('What config.json asks for here is what the kernel has, as the lens finds it.'),
    proc: z
      .string()
      .regex(/^[a-z_]+(\/[a-z_0-9]+)*$/, 'a file below /proc/<pid>, such as status')
      .optional()
      .describe('File below /proc of the container’s first process.'),
    field: text
      .optional()
      .describe('Line of that file: what stands behind this word and its colon. Without it: the whole file.'),
    cgroup: z
      .strictObject({ v1: text.optional(), v2: text.optional() })
      .optional()
      .describe(
        'File of the container’s cgroup: `v2: memory.max`, `v1: memory/memory.limit_in_bytes` (controller first).',
      ),
    equals: z.union([z.string(), z.number()]).transform(String).optional().describe('Has exactly this text.'),
    matches: z.string().max(500).optional().describe('Matches this regular expression.'),
  })
  .refine(
    (k) => [k.pointer, k.proc, k.cgroup].filter((each) => each !== undefined).length === 1,
    'needs one of pointer, proc, cgroup',
  )
  .refine(
    (k) => k.pointer !== undefined || (k.equals === undefined) !== (k.matches === undefined),
    'needs equals or matches',
  )
  .refine(compiles, 'has a regular expression that is none')
export type KernelCheck = z.infer<typeof KernelCheck>

export const StepCheck = z
  .strictObject({
    spec: SpecCheck.optional().describe(
      'A value of a JSON file: `pointer` and one of `equals`, `contains`, `matches`, `exists`.',
    ),
    runc: RuncCheck.optional().describe('The state of a container: `id` and `status`.'),
    kernel: KernelCheck.optional().describe(
      'A fact of the kernel about a container: `id` and `pointer`, `proc` or `cgroup`.',
    ),
    when: z.enum(['v1', 'v2']).optional().describe('Only on this version of cgroups.'),
    else: z.string().trim().min(1).max(1000).describe('The sentence that the learner reads when it fails.'),
  })
  .refine(
    (check) => [check.spec, check.runc, check.kernel].filter(Boolean).length === 1,
    'needs exactly one of spec, runc, kernel',
  )
export type StepCheck = z.infer<typeof StepCheck>
