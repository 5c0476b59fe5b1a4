/** What is on the screen at first: every layout that the platforms document, named terminals, and pages that cannot be shown. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { examine } from '../../server/lessons/examine/index.ts'
import { loadFolder } from '../../server/lessons/load.ts'
import { scenario, write } from './helpers.ts'

const load = (environment: object, more: object = {}, files = {}) =>
  loadFolder(
    write({
      'index.json': { ...scenario({ title: 'A', text: 'a/text.md' }), environment, ...more },
      'a/text.md': 'x',
      ...files,
    }),
  )
/** `e` for the editor, `t` for each terminal, `-` between. */
const panes = (environment: object, more?: object, files?: object) => {
  const { editor, terminal, terminals } = load(environment, more, files).layout
  return [editor && 'e', terminal && 't'.repeat(terminals.length)].filter(Boolean).join('-')
}

test('uilayout: the panes that it names are there, and no others', () => {
  const layouts: Record<string, string> = {
    terminal: 't',
    'terminal-terminal': 'tt',
    'terminal-terminal-split': 'tt',
    'terminal-iframe': 't',
    'terminal-iframe-split': 't',
    'editor-terminal': 'e-t',
    'editor-terminal-v1': 'e-t',
    'editor-terminal-split': 'e-t',
    'editor-iframe-split': 'e',
    editor: 'e',
    iframe: 't',
    vscode: 'e-t',
    'vscode-terminal-split': 'e-t',
    'Editor-Terminal': 'e-t',
    '': 't',
    'something new': 'e-t',
  }
  for (const [uilayout, wanted] of Object.entries(layouts))
    assert.equal(panes({ uilayout }), wanted, uilayout)
  assert.equal(panes({}), 't', 'the platforms’ default')
})

test('Killercoda’s interface.layout, Katacoda’s showide, files to open and edits bring the editor', () => {
  assert.equal(panes({}, { interface: { layout: 'ide' } }), 'e-t')
  assert.equal(panes({ uilayout: 'terminal' }, { interface: { layout: 'ide' } }), 'e-t')
  assert.equal(panes({ uilayout: 'terminal', showide: true }), 'e-t')
  assert.equal(panes({ uilayout: 'terminal' }, { files: ['a.js'] }), 'e-t')
  const edit = 'edits: [{id: a, title: A, patch: [{op: remove, path: /a}]}]'
  assert.equal(panes({ uilayout: 'terminal' }, {}, { 'a/lab.yaml': edit }), 'e-t')
})

test('environment.terminals come beside terminal 1, with their names and commands', () => {
  const named = (...terminals: object[]) => {
    const { terminals: names, commands } = load({ terminals }).layout
    return names.map((name, index) => `${name}:${commands[index]}`)
  }
  assert.deepEqual(named(), [':'])
  assert.deepEqual(
    named({ name: 'Terminal 2', target: 'host01' }, { name: 'Docker Stats', command: 'docker stats' }),
    [':', ':', 'Docker Stats:docker stats'],
  )
  assert.deepEqual(named({ name: 'T1', command: 'ls' }, { name: 'Logs' }), [':ls', 'Logs:'])
  assert.equal(named(...Array.from({ length: 20 }, () => ({ name: 'x' }))).length, 6)
  assert.equal([...load({ terminals: [{ name: '🐳'.repeat(100) }] }).layout.terminals[1]!].length, 20)
})

test('pages beside the terminal are said not to be there, at the line that asks for them', () => {
  const said = (environment: object, more: object = {}) =>
    examine(load(environment, more)).map(({ line, code }) => `${line} ${code}`)
  const href = 'https://[[HOST_SUBDOMAIN]]-80-[[KATACODA_HOST]].environments.katacoda.com'
  assert.deepEqual(said({ uilayout: 'terminal-iframe' }), ['15 dashboard'])
  assert.deepEqual(said({ uilayout: 'terminal-iframe', dashboards: [{ name: 'Web', href }] }), [
    '17 dashboard',
  ])
  assert.deepEqual(said({ showvisualise: true }), ['15 dashboard'])
  assert.deepEqual(said({}, { type: 'jupyter@0.1' }), ['12 needs-other-machine'])
  assert.deepEqual(said({}, { type: 'challenge@1.0' }), [])
})
