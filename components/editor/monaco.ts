/** Monaco with what a JSON file needs and no more, from our own server. Import it only when an editor is shown: it is 0.9 MB. */
import 'monaco-editor/features/bracketMatching/register'
import 'monaco-editor/features/caretOperations/register'
import 'monaco-editor/features/clipboard/register'
import 'monaco-editor/features/codeAction/register'
import 'monaco-editor/features/comment/register'
import 'monaco-editor/features/contextmenu/register'
import 'monaco-editor/features/cursorUndo/register'
import 'monaco-editor/features/diffEditor/register'
import 'monaco-editor/features/codelens/register'
import 'monaco-editor/features/codicon/register'
import 'monaco-editor/features/documentSymbols/register'
import 'monaco-editor/features/dropOrPasteInto/register'
import 'monaco-editor/features/find/register'
import 'monaco-editor/features/folding/register'
import 'monaco-editor/features/format/register'
import 'monaco-editor/features/gotoError/register'
import 'monaco-editor/features/gotoLine/register'
import 'monaco-editor/features/hover/register'
import 'monaco-editor/features/indentation/register'
import 'monaco-editor/features/lineSelection/register'
import 'monaco-editor/features/linesOperations/register'
import 'monaco-editor/features/links/register'
import 'monaco-editor/features/multicursor/register'
import 'monaco-editor/features/quickCommand/register'
import 'monaco-editor/features/quickOutline/register'
import 'monaco-editor/features/readOnlyMessage/register'
import 'monaco-editor/features/smartSelect/register'
import 'monaco-editor/features/snippet/register'
import 'monaco-editor/features/suggest/register'
import 'monaco-editor/features/toggleTabFocusMode/register'
import 'monaco-editor/features/wordOperations/register'
// features/suggest registers inline completions only; this is the list one chooses from.
import 'monaco-editor/editor/contrib/suggest/browser/suggestController'
import 'monaco-editor/languages/definitions/shell/register'
import * as monaco from 'monaco-editor/editor'
import { jsonDefaults } from 'monaco-editor/languages/features/json/register'

const workers = {
  json: () =>
    new Worker(new URL('./workers/json.worker.ts', import.meta.url), { type: 'module', name: 'json' }),
  editor: () =>
    new Worker(new URL('./workers/editor.worker.ts', import.meta.url), { type: 'module', name: 'editor' }),
}
// Fetched now, not when they are first needed: should the connection be gone by then, Monaco would do without for good.
const ready: Partial<Record<keyof typeof workers, Worker>> = {
  json: workers.json(),
  editor: workers.editor(),
}

self.MonacoEnvironment = {
  getWorker(_id, label) {
    const kind = label === 'json' ? 'json' : 'editor'
    const worker = ready[kind] ?? workers[kind]()
    delete ready[kind]
    return worker
  },
}

// What is wrong with a file, what may stand in it and what it means is our own business: the linter knows runc.
jsonDefaults.setDiagnosticsOptions({ validate: false, enableSchemaRequest: false })
jsonDefaults.setModeConfiguration({
  ...jsonDefaults.modeConfiguration,
  diagnostics: false,
  hovers: false,
  completionItems: false,
  colors: false,
})

for (const [name, base] of [
  ['lab-light', 'vs'],
  ['lab-dark', 'vs-dark'],
] as const) {
  const dark = base === 'vs-dark'
  monaco.editor.defineTheme(name, {
    base,
    inherit: true,
    rules: [
      { token: 'string.key.json', foreground: dark ? '8ab8ff' : '0b57b7' },
      { token: 'string.value.json', foreground: dark ? '7fdca4' : '0b6b3a' },
      { token: 'number.json', foreground: dark ? 'f0bb78' : '8a4b00' },
      { token: 'keyword.json', foreground: dark ? 'f48fc6' : 'a3246f' },
    ],
    colors: dark
      ? {
          'editor.background': '#10131a',
          'editorLineNumber.foreground': '#5b6575',
          'editorGutter.background': '#10131a',
        }
      : {
          'editor.background': '#ffffff',
          'editorLineNumber.foreground': '#8a93a1',
          'editorGutter.background': '#ffffff',
        },
  })
}

export { monaco }
