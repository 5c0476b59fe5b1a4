/** What is on the screen when a lesson is opened, as `environment` and `interface` of its index.json say it. */
import path from 'node:path'
import type { Layout } from './lesson.ts'
import type { Scenario } from './schema.ts'

/** The protocol opens no more of them. */
const MAX_TERMINALS = 6
/** Letters of a terminal's name. */
const MAX_NAME = 20

/**
 * Katacoda's layouts name their panes: `terminal-terminal`, `editor-terminal-split`, `vscode`, `iframe`. `ide` and
 * `vscode` have a terminal within the editor, so they show both. Without a layout there is a terminal, as on the
 * platforms, and with one that nobody knows what the lab shows anyway: both.
 */
export function layoutOf(scenario: Scenario, hasEdits: boolean): Layout {
  const { environment = {}, interface: killercoda, files = [], asyncFiles = [] } = scenario
  const words = (killercoda?.layout || environment.uilayout || 'terminal').toLowerCase().split(/[^a-z]+/)
  const has = (...names: string[]) => words.some((word) => names.includes(word))
  const home = absolute(environment.uieditorpath ?? '/root', '/root')
  const opened = [...files, ...asyncFiles].map((file) => absolute(file, home))
  const isKnown = has('terminal', 'editor', 'vscode', 'ide', 'iframe', 'notebook')
  // Files and edits are shown in it, whatever the layout says.
  const wanted = hasEdits || opened.length > 0 || environment.showide || environment.ide
  const editor = !isKnown || has('editor', 'vscode', 'ide') || Boolean(wanted)
  const terminals = terminalsOf(scenario, words.filter((word) => word === 'terminal').length)
  return {
    editor,
    // An editor alone has nothing to try things in; a page beside nothing at all neither.
    terminal: !isKnown || !editor || has('terminal', 'vscode', 'ide') || terminals.length > 1,
    terminals: terminals.map(({ name }) => name),
    commands: terminals.map(({ command }) => command),
    home,
    files: opened,
    message: environment.uimessage1 ?? '',
  }
}

/** The first terminal is always there; those that `environment.terminals` names come beside it, unless one of them is it. */
function terminalsOf({ environment }: Scenario, inLayout: number): { name: string; command: string }[] {
  const named = (environment?.terminals ?? []).map(({ name = '', command = '' }) => ({
    // The lab gives numbers itself.
    name: /^t(?:erminal)?\s*\d*$/i.test(name) ? '' : [...name].slice(0, MAX_NAME).join(''),
    command,
    isFirst: /^t(?:erminal)?\s*1?$/i.test(name),
  }))
  const all = named[0]?.isFirst ? named : [{ name: '', command: '' }, ...named]
  while (all.length < inLayout) all.push({ name: '', command: '' })
  return all.slice(0, MAX_TERMINALS).map(({ name, command }) => ({ name, command }))
}

/** The web pages that the author wants beside the terminal, each as a sentence, and where it stands in `environment`. */
export function webPagesOf({ environment = {} }: Scenario): { what: string; at: (string | number)[] }[] {
  const pages: { what: string; at: (string | number)[] }[] = (environment.dashboards ?? []).map(
    ({ name, port, href }, index) => ({
      what: `The tab "${name ?? port ?? href ?? 'a page'}" shows a web page.`,
      at: ['dashboards', index],
    }),
  )
  if (pages.length === 0 && /iframe/i.test(environment.uilayout ?? ''))
    pages.push({ what: `The layout "${environment.uilayout}" shows a web page.`, at: ['uilayout'] })
  if (environment.showvisualise)
    pages.push({ what: 'The tab that draws Docker’s containers is a web page.', at: ['showvisualise'] })
  return pages
}

/** Home is root's; the sandbox has no other person. */
export function absolute(file: string, home: string): string {
  const path_ = file.replace(/^~(?=\/|$)/, '/root')
  return path.posix
    .normalize(path_.startsWith('/') ? path_ : path.posix.join(home, path_))
    .replace(/(.)\/+$/, '$1')
}
