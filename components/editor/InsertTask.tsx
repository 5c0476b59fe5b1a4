'use client'
/** The dialog that makes a common change of config.json: chosen by its name, made as one edit that can be undone. */
import { useState } from 'react'
import { TASKS } from '../../spec/complete/tasks.ts'
import { Picker } from '../ui/Picker.tsx'

export function InsertTask({ onChoose, onClose }: { onChoose: (id: string) => void; onClose: () => void }) {
  const [typed, setTyped] = useState('')
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean)
  const fitting = TASKS.filter(({ title, about, id }) => {
    const all = `${title} ${about} ${id}`.toLowerCase()
    return words.every((word) => all.includes(word))
  })
  return (
    <Picker
      label="Insert into config.json"
      placeholder="What should the container have? A bind mount, a memory limit…"
      typed={typed}
      onType={setTyped}
      options={fitting.map(({ id, title, about }) => ({ id, title, note: about }))}
      onChoose={onChoose}
      onClose={onClose}
      hint={
        fitting.length === 0
          ? 'Nothing here is called that. The editor also completes what you type.'
          : 'Enter inserts it. Ctrl+Z takes it back.'
      }
    />
  )
}
