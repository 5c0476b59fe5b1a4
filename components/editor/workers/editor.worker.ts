/** Monaco's own background work: links, words, diffs. */
import 'monaco-editor/editor/editor.worker'
