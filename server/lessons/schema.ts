/** The shape of a lesson's index.json: a Killercoda scenario, with the keys this lab reads; all others are ignored. */
import { z } from 'zod'

const text = z.string().trim().min(1)

const Step = z.object({
  title: text.optional().describe('Heading of the step. Without it the step is called by its number.'),
  text: text.describe('Markdown file of the step, relative to the folder of index.json.'),
  verify: text.optional().describe('Script that checks the step in the sandbox: exit status 0 is passed.'),
})

/** The keys of index.json that the lab understands. */
export const Scenario = z.object({
  title: text.describe('Name of the lesson, as lists show it.'),
  description: z.string().default('').describe('One or two sentences: what the learner will have done.'),
  difficulty: z.string().default('').describe('Free text, such as "beginner".'),
  time: z.string().default('').describe('Free text, such as "30 minutes".'),
  details: z
    .object({
      steps: z.array(Step).min(1).describe('The steps, in the order in which they are taken.'),
    })
    .describe('The pages of the lesson.'),
  backend: z
    .object({
      imageid: text.describe('The machine that the lesson wants. This lab has one machine for all.'),
    })
    .optional()
    .describe('Read by Killercoda.'),
})
export type Scenario = z.infer<typeof Scenario>
