'use client'
/** A piece of a file, to be copied into the file in the sandbox by one click. */
import { Check, FilePen } from 'lucide-react'
import { type ReactNode, useState } from 'react'
import { useOptionalMachine } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { type Target, withText } from './file-text.ts'

interface Props {
  /** In the sandbox, absolute. */
  file: string
  /** As the lesson calls it. */
  name: string
  target: Target
  /** For `insert`: the text that is replaced. */
  marker: string
  text: string
  /** The text, in colour. */
  children: ReactNode
}

const FILE_MS = 10_000
const PLACES = {
  replace: 'all of',
  append: 'at the end of',
  prepend: 'at the top of',
  insert: 'into',
}

export function FileBlock({ file, name, target, marker, text, children }: Props) {
  const machine = useOptionalMachine()
  const [said, say] = useState('')
  const copy = async () => {
    if (!machine) return
    const stop = machine.client.watchFile(file)
    try {
      const known = () => machine.client.view.files[file]
      await until(
        (listener) => machine.client.subscribe(listener),
        () => Boolean(known()),
      )
      const now = known()
      if (now?.state === 'unreadable') return say(`${name} cannot be changed here: ${now.why}.`)
      const next = withText(machine.editor.text(file) ?? '', target, text, marker)
      if (next === null) return say(`“${marker}” is not in ${name}, so nothing was changed.`)
      const result = await machine.editor.applyEdit({ file, text: next })
      machine.editor.open(file)
      say(result.applied ? 'Copied and saved.' : result.why)
    } finally {
      stop()
    }
  }
  return (
    <figure className="edit-block">
      <figcaption>
        <FilePen className="size-4 shrink-0" aria-hidden />
        <span className="min-w-0 flex-1 truncate font-mono text-xs" title={file}>
          {name}
        </span>
        <Button
          look="primary"
          size="small"
          className="needs-js"
          onClick={() => void copy()}
          aria-label={`Copy to editor: ${PLACES[target]} ${name}`}
        >
          {said === 'Copied and saved.' && <Check className="size-3.5" aria-hidden />} Copy to editor
        </Button>
      </figcaption>
      <pre>
        <code>{children}</code>
      </pre>
      <p role="status" className="edit-block-said">
        {said}
      </p>
    </figure>
  )
}

/** Waits for something to be known, but not for ever. */
function until(subscribe: (listener: () => void) => () => void, isSo: () => boolean): Promise<void> {
  if (isSo()) return Promise.resolve()
  return new Promise((resolve) => {
    const end = () => {
      clearTimeout(timer)
      stop()
      resolve()
    }
    const timer = setTimeout(end, FILE_MS)
    const stop = subscribe(() => isSo() && end())
  })
}
