/** What the linter found, as underlines in Monaco, and its fixes as actions behind the light bulb. */
import type { Diagnostic, Severity } from '../../../spec/lint/index.ts'
import type { FileDocument } from '../file-document.ts'
import { monaco } from '../monaco.ts'
import type { Knowledge } from './knowledge.ts'

const OWNER = 'runc'
const SEVERITIES: Record<Severity, monaco.MarkerSeverity> = {
  refused: monaco.MarkerSeverity.Error,
  'no-effect': monaco.MarkerSeverity.Warning,
  'fails-later': monaco.MarkerSeverity.Warning,
  style: monaco.MarkerSeverity.Info,
}

/** What each kind means, in few words. */
export const SEVERITY_WORDS: Record<Severity, string> = {
  refused: 'runc refuses this',
  'no-effect': 'no effect',
  'fails-later': 'starts, then fails',
  style: 'works, but easy to misread',
}

export function showMarkers(document: FileDocument, diagnostics: readonly Diagnostic[]): void {
  const markers = diagnostics.map((found) => ({
    ...rangeOf(document, found),
    severity: SEVERITIES[found.severity],
    source: SEVERITY_WORDS[found.severity],
    code: found.id,
    message: describe(found),
  }))
  monaco.editor.setModelMarkers(document.model, OWNER, markers)
}

function describe({ message, runc, why }: Diagnostic): string {
  return [message, why, runc && `runc will say: ${runc}`].filter(Boolean).join('\n')
}

/** At least one character, so that there is something to point at. */
function rangeOf(document: FileDocument, { from, to }: Diagnostic): monaco.IRange {
  const { length } = document.text
  const end = Math.min(Math.max(to, from + 1), length)
  return document.range(Math.min(from, Math.max(end - 1, 0)), end)
}

export function fixProvider(
  knowledge: Knowledge,
  find: (model: monaco.editor.ITextModel) => FileDocument | null,
): monaco.languages.CodeActionProvider {
  return {
    provideCodeActions(model, range) {
      const document = find(model)
      const none = { actions: [], dispose: () => {} }
      if (!document) return none
      const touching = knowledge
        .fresh(document)
        .filter(
          (found) => found.fix && monaco.Range.areIntersectingOrTouching(rangeOf(document, found), range),
        )
      const actions = touching.map((found, index): monaco.languages.CodeAction => {
        const { title, edits } = found.fix!
        return {
          title,
          kind: 'quickfix',
          isPreferred: index === 0,
          diagnostics: monaco.editor
            .getModelMarkers({ owner: OWNER, resource: model.uri })
            .filter(
              (marker) => marker.code === found.id && monaco.Range.areIntersectingOrTouching(marker, range),
            ),
          edit: {
            edits: edits.map(({ from, to, text }) => ({
              resource: model.uri,
              versionId: model.getVersionId(),
              textEdit: { range: document.range(from, to), text },
            })),
          },
        }
      })
      return { actions, dispose: () => {} }
    },
  }
}
