/** The settings as people read them: what is in force and why, and the two files that are made from the schema. */
import { ConfigError, Environment, parseConfig, shown } from './config.ts'

export { ConfigError }

export interface Setting {
  name: string
  /** As it would be set; secrets are left out. */
  value: string
  source: 'environment' | '.env' | 'default'
  description: string
}

type Name = keyof typeof Environment.shape
const NAMES = Object.keys(Environment.shape) as Name[]
const sentences = (name: Name) => Environment.shape[name].description ?? ''

/** The text of a default, as it would be set. */
function standard(name: Name): string {
  const value = Environment.shape[name].parse(undefined)
  return Array.isArray(value) ? value.join(',') : String(value)
}

/** Where a place that is not set follows from others. */
function derived(config: ReturnType<typeof parseConfig>): Partial<Record<Name, string>> {
  return {
    LAB_STATE_DIR: config.stateDir,
    LAB_RUN_DIR: config.runDir,
    LAB_IMAGE_DIR: config.imageDir,
  }
}

/** Every setting in force. `fromFile`: the names that `.env` has set. Throws ConfigError if one is wrong. */
export function settings(env: Record<string, string | undefined>, fromFile: string[] = []): Setting[] {
  const places = derived(parseConfig(env))
  return NAMES.map((name) => {
    // An empty variable counts as not set.
    const set = env[name] || undefined
    return {
      name,
      value: shown(name, set ?? places[name] ?? standard(name)),
      source: set === undefined ? 'default' : fromFile.includes(name) ? '.env' : 'environment',
      description: sentences(name),
    }
  })
}

/** One line each, such as `PORT=3000          # default`; the value is quoted if a shell or .env would split it. */
export function settingLines(all: Setting[]): string[] {
  const texts = all.map(
    ({ name, value }) => `${name}=${/^[\w.:/@%+-]*$/.test(value) ? value : JSON.stringify(value)}`,
  )
  const width = Math.min(56, Math.max(...texts.map((text) => text.length)))
  return texts.map((text, i) => `${text.padEnd(width)}  # ${all[i]!.source}`)
}

/** The text of `.env.example`. */
export function envExample(): string {
  const head = `# Settings of the lab. Copy this file to .env and take the # from a line to change it.
# A variable that is set in the environment wins over .env. Each line shows the default.
# Made from server/config.ts by: npm run -s config -- --write
`
  const entries = NAMES.map(
    (name) =>
      `\n${wrap(sentences(name), 116)
        .map((line) => `# ${line}\n`)
        .join('')}#${name}=${standard(name)}\n`,
  )
  return head + entries.join('')
}

/** The text of docs/configuration.md. */
export function configurationPage(): string {
  const rows = NAMES.map((name) => {
    const value = standard(name)
    return `| \`${name}\` | ${value === '' ? 'empty' : `\`${value}\``} | ${sentences(name).replaceAll('|', '\\|').replaceAll('<', '&lt;')} |`
  })
  return `# Settings

Set them in the environment or in \`.env\` beside \`package.json\` (copy \`.env.example\`; reading it needs Node 20.12). The
environment wins over the file, and an empty variable counts as not set. They are read at start. A wrong value is refused
with a sentence, and so is a variable that begins with \`LAB_\` and is none of these.

\`\`\`sh
npm run -s config            # what is in force, and whether environment, .env or default says so; no secrets
npm run -s config -- --json  # the same for programs
\`\`\`

<!-- Made from server/config.ts by: npm run -s config -- --write -->

| Variable | Default | Meaning |
| --- | --- | --- |
${rows.join('\n')}
`
}

function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const word of text.split(' ')) {
    const last = lines.at(-1)
    if (last !== undefined && last.length + word.length < width) lines[lines.length - 1] = `${last} ${word}`
    else lines.push(word)
  }
  return lines
}
