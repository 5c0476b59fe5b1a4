/** All that Monaco learns about config.json, registered for one workspace. */
import type { FileDocument } from '../file-document.ts'
import { monaco } from '../monaco.ts'
import { completionProvider } from './completion.ts'
import { hoverProvider } from './field-hover.ts'
import type { Knowledge } from './knowledge.ts'
import { fixProvider, showMarkers } from './markers.ts'

type Find = (model: monaco.editor.ITextModel) => FileDocument | null

/** Returns how to make Monaco forget it. */
export function teach(knowledge: Knowledge, find: Find): () => void {
  const registered = [
    monaco.languages.registerCompletionItemProvider('json', completionProvider(knowledge, find)),
    monaco.languages.registerHoverProvider('json', hoverProvider(find)),
    monaco.languages.registerCodeActionProvider('json', fixProvider(knowledge, find), {
      providedCodeActionKinds: ['quickfix'],
    }),
  ]
  const stop = knowledge.subscribe((document) => showMarkers(document, knowledge.of(document)))
  return () => {
    stop()
    for (const each of registered) each.dispose()
  }
}
