'use client'
/** Both ways between lens and editor: quiet marks beside lines, the cursor's field, and lines revealed from facts. */
import { useEffect, useMemo } from 'react'
import type { Look } from '../../spec/lens/look.ts'
import type { Row } from '../../spec/lens/row.ts'
import type { LineMark } from '../session/editor-commands.ts'
import { useEditor } from '../session/use-editor.ts'
import { plain } from './plain-text.ts'

const OWNER = 'lens'

function markOf(row: Row): LineMark | null {
  if (row.asked === null) return null
  if (row.edited !== null)
    return {
      pointer: row.pointer,
      look: 'edited',
      title: `Edited since: in force is ${plain(row.got ?? row.asked)}. Not applied until you run the container again.`,
    }
  if (row.verdict === 'equal')
    return { pointer: row.pointer, look: 'in-force', title: `In force: ${plain(row.got ?? '')}` }
  if (row.verdict === 'differs')
    return {
      pointer: row.pointer,
      look: 'differs',
      title: `The kernel has ${plain(row.got ?? 'nothing')}. ${row.why}`,
    }
  return null
}

/** One for each place: what differs says more than what is equal. */
function marksOf(rows: readonly Row[]): LineMark[] {
  const weight = { edited: 3, differs: 2, 'in-force': 1 }
  const marks = new Map<string, LineMark>()
  for (const row of rows) {
    const mark = markOf(row)
    const other = marks.get(row.pointer)
    if (mark && (!other || weight[mark.look] > weight[other.look])) marks.set(row.pointer, mark)
  }
  return [...marks.values()]
}

export function useEditorBridge(look: Look | null, visible: boolean) {
  const { editor, state } = useEditor()
  const file = look?.container.bundle ? `${look.container.bundle}/config.json` : null
  const alive = look !== null && ['created', 'running', 'paused'].includes(look.container.phase)
  // Compared as text: the rows are made anew with every reading.
  const marks = useMemo(
    () => (look && alive && visible ? JSON.stringify(marksOf(look.rows)) : '[]'),
    [look, alive, visible],
  )

  useEffect(() => {
    if (!file || !state.files.includes(file)) return
    editor.setMarks(OWNER, file, JSON.parse(marks))
  }, [editor, file, marks, state.files])
  useEffect(() => {
    if (!file) return
    return () => editor.setMarks(OWNER, file, [])
  }, [editor, file])

  return {
    /** The pointer under the cursor, if the cursor is in this container's file. */
    cursor: state.cursor && state.cursor.file === file ? state.cursor.pointer : null,
    reveal: (pointer: string) => {
      if (file) editor.revealPointer(pointer, { file })
    },
    /** The learner's own file as it stands in the editor. */
    own: () => editor.text(),
  }
}
