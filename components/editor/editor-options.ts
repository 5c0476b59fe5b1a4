/** How the lab sets Monaco up, in the editor and beside another text. */
import type { monaco } from './monaco.ts'

const TYPE = {
  fontFamily: "'JetBrains Mono Variable', ui-monospace, monospace",
  fontSize: 13,
  fontLigatures: false,
  lineHeight: 20,
} as const

export const EDITOR_OPTIONS: monaco.editor.IStandaloneEditorConstructionOptions = {
  ...TYPE,
  automaticLayout: true,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  detectIndentation: true,
  padding: { top: 8, bottom: 8 },
  renderLineHighlight: 'line',
  lineNumbersMinChars: 3,
  lineDecorationsWidth: 14,
  overviewRulerBorder: false,
  hideCursorInOverviewRuler: true,
  fixedOverflowWidgets: true,
  // It would rewrite the file when it is opened, or ask to.
  unusualLineTerminators: 'off',
  'semanticHighlighting.enabled': false,
  quickSuggestions: { strings: true, other: true, comments: false },
  suggest: { showWords: false, preview: false },
  wordBasedSuggestions: 'off',
  hover: { delay: 250, above: false },
  lightbulb: { enabled: 'on' as monaco.editor.ShowLightbulbIconMode },
  stickyScroll: { enabled: false },
}

/** `sides`: beside each other while there is room. */
export const DIFF_OPTIONS: monaco.editor.IStandaloneDiffEditorConstructionOptions = {
  ...TYPE,
  automaticLayout: true,
  minimap: { enabled: false },
  scrollBeyondLastLine: false,
  renderSideBySide: true,
  useInlineViewWhenSpaceIsLimited: true,
  renderSideBySideInlineBreakpoint: 560,
  hideUnchangedRegions: { enabled: true, contextLineCount: 2 },
  renderMarginRevertIcon: true,
  renderOverviewRuler: false,
  originalEditable: false,
  ignoreTrimWhitespace: false,
  fixedOverflowWidgets: true,
  unusualLineTerminators: 'off',
}
