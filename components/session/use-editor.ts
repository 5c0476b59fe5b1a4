'use client'
/** The editor for other panes: its commands, and where its cursor is. */
import { useSyncExternalStore } from 'react'
import { type EditorCommands, type EditorPlace, type EditorState, INITIAL_EDITOR } from './editor-commands.ts'
import { useMachine } from './SessionProvider.tsx'

export function useEditor(): { editor: EditorCommands; state: EditorState } {
  const { editor } = useMachine()
  const state = useSyncExternalStore(
    editor.subscribe,
    () => editor.state,
    () => INITIAL_EDITOR,
  )
  return { editor, state }
}

/** Null while the cursor is nowhere in a JSON file. */
export function useEditorCursor(): EditorPlace | null {
  return useEditor().state.cursor
}
