/** The shape of a lesson's index.json: a Killercoda or Katacoda scenario, each key described. All keys are optional. */
import { z } from 'zod'

const words = z.union([z.string(), z.number(), z.boolean()]).transform((value) => String(value).trim())
const file = z.string().trim().min(1)
const flag = z.union([z.boolean(), z.string()]).transform((value) => value === true || value === 'true')

const scripts = {
  foreground: file
    .optional()
    .describe('Script that runs in terminal 1, in sight, when the page is first opened.'),
  background: file.optional().describe('Script that runs out of sight when the page is first opened.'),
  code: file.optional().describe('Katacoda’s name for `foreground`.'),
  courseData: file.optional().describe('Katacoda’s name for `background`.'),
}

const Page = z.object({
  title: words.optional().describe('Heading of the page.'),
  text: file.optional().describe('Markdown file of the page, relative to the folder of index.json.'),
  credits: words.optional().describe('Shown below the page.'),
  ...scripts,
})

const Step = z.object({
  title: words.optional().describe('Heading of the step. Without it the step is called by its number.'),
  text: file.optional().describe('Markdown file of the step, relative to the folder of index.json.'),
  verify: file
    .optional()
    .describe('Script that checks the step in the sandbox. Without it the step is done once it is opened.'),
  answer: file.optional().describe('Markdown shown on “Show answer”.'),
  hint: file
    .optional()
    .describe(
      'A hint: a Markdown file, or a script that prints one and gets the seconds since the start as `$1`.',
    ),
  ...scripts,
})

const Asset = z.object({
  file: file.describe(
    'Pattern of files below `assets/`: `*`, `**`, `app*/**/*.json`. The tree below the first wildcard is kept.',
  ),
  target: z.string().trim().default('~/').describe('Folder in the sandbox; `~` is /root.'),
  chmod: words.optional().describe('Mode, as the chmod program takes it, such as `+x`.'),
})
export type Asset = z.infer<typeof Asset>

const Terminal = z.object({
  name: words.optional().describe('Name on the tab.'),
  target: words.optional().describe('Host; there is one.'),
  command: words.optional().describe('Typed into it when the lesson is first opened.'),
})

const Dashboard = z.object({
  name: words.optional().describe('Name of the tab.'),
  port: words.optional().describe('Port that it shows.'),
  href: words.optional().describe('Address that it shows.'),
})

/** The keys of index.json that the lab understands. */
export const Scenario = z.object({
  title: words.optional().describe('Name of the lesson, as lists show it. Without it: the folder’s name.'),
  description: words.default('').describe('One or two sentences: what the learner will have done.'),
  difficulty: words.default('').describe('Free text, such as "beginner".'),
  time: words.default('').describe('Free text, such as "30 minutes".'),
  type: words
    .optional()
    .describe('`challenge@…` for a Katacoda challenge: plays as any lesson. `jupyter@…`: not available.'),
  pathwayTitle: words.optional().describe('Katacoda: title of the course; shown above the lesson in lists.'),
  icon: words.optional().describe('Katacoda: read only.'),
  id: words.optional().describe('Read only.'),
  noindex: flag.optional().describe('Leaves the lesson out of lists; its address works.'),
  private: flag.optional().describe('The same.'),
  files: z
    .array(file)
    .optional()
    .describe('Files opened in the editor, relative to `environment.uieditorpath`.'),
  asyncFiles: z.array(file).optional().describe('The same, for files that appear later.'),
  events: z.unknown().optional().describe('Katacoda: read only.'),
  details: z
    .object({
      intro: Page.optional().describe('First page; not counted as a step.'),
      steps: z.array(Step).optional().describe('The steps, in the order in which they are taken.'),
      finish: Page.optional().describe('Last page; not counted as a step.'),
      assets: z
        .object({
          host01: z
            .array(Asset)
            .optional()
            .describe('Files for the sandbox, copied before the first script runs.'),
          client: z
            .array(Asset)
            .optional()
            .describe('Katacoda: the machine that the learner types on; the same here.'),
          host02: z.array(Asset).optional().describe('Files for a second host, which is not there.'),
        })
        .optional()
        .describe('Files copied into the sandbox.'),
    })
    .optional()
    .describe('The pages of the lesson.'),
  environment: z
    .object({
      uilayout: words
        .optional()
        .describe(
          'Which panes are there at first: `terminal` (default), `terminal-terminal`, `editor-terminal`, `terminal-iframe`, `vscode`, … The learner can show and hide them.',
        ),
      uieditorpath: words
        .optional()
        .describe('Folder that file names in the lesson are relative to; /root if not given.'),
      uisettings: words.optional().describe('Katacoda: read only.'),
      uimessage1: words
        .optional()
        .describe('Text printed in terminal 1 first; may hold colours as escape sequences.'),
      showdashboard: flag.optional().describe('Katacoda: read only.'),
      showdashboards: flag.optional().describe('Katacoda: read only.'),
      dashboard: words.optional().describe('Katacoda: not available.'),
      dashboards: z.array(Dashboard).optional().describe('Tabs that show a port; not available.'),
      terminals: z
        .array(Terminal)
        .optional()
        .describe('Terminals that are opened at first, beside terminal 1.'),
      hideintro: flag.optional().describe('Begins with the first step.'),
      hidefinish: flag.optional().describe('Ends with the last step.'),
      hidesidebar: flag.optional().describe('Katacoda: read only.'),
      showide: flag.optional().describe('Shows the editor.'),
      ide: flag.optional().describe('Shows the editor.'),
      idePort: words.optional().describe('Katacoda: read only.'),
      showvisualise: flag.optional().describe('Katacoda: a drawing of Docker’s containers; not available.'),
      scope: z.unknown().optional().describe('Katacoda: read only.'),
      scopePort: words.optional().describe('Katacoda: read only.'),
      hideHiddenFiles: flag.optional().describe('Katacoda: read only.'),
      exclusionPatterns: z.array(words).optional().describe('Katacoda: read only.'),
      delayToSaveFileAfterStopTypingMilliseconds: words.optional().describe('Katacoda: read only.'),
    })
    .optional()
    .describe('What is on the screen.'),
  interface: z
    .object({
      layout: words
        .optional()
        .describe('`ide` shows editor and terminal; other values are those of `uilayout`.'),
    })
    .optional()
    .describe('Killercoda’s name for the layout.'),
  backend: z
    .object({
      imageid: words
        .optional()
        .describe('The machine that the lesson wants. This lab has one machine for all.'),
      port: words.optional().describe('Katacoda: read only.'),
      url: words.optional().describe('Katacoda: read only.'),
      trainingid: words.optional().describe('Katacoda: read only.'),
      autoUpgrade: flag.optional().describe('Katacoda: read only.'),
    })
    .optional()
    .describe('The machine.'),
})
export type Scenario = z.infer<typeof Scenario>
export type ScenarioPage = z.infer<typeof Page>
export type ScenarioStep = z.infer<typeof Step>
