'use client'
/** Behind the button "My files": takes the learner's files home and brings them back. */
import { useRef, useState } from 'react'
import { MAX_WORK_BYTES, WORK_PATH } from '../../server/protocol/transport.ts'
import { Button } from '../ui/Button.tsx'
import { withBase } from '../ui/base-path.ts'
import { Menu } from '../ui/Menu.tsx'

interface Props {
  /** Where the menu is to be; null while it is closed. */
  at: { x: number; y: number } | null
  onClose: (chosen: boolean) => void
}

/** Sends the file. Resolves with a sentence for the learner. */
async function bringBack(file: File): Promise<string> {
  if (file.size > MAX_WORK_BYTES) return `${file.name} is larger than ${MAX_WORK_BYTES / 1024 / 1024} MiB.`
  try {
    const response = await fetch(withBase(WORK_PATH), { method: 'POST', body: file })
    return (await response.text()).trim()
  } catch {
    return 'The file did not arrive: the connection broke. Nothing was changed; try again.'
  }
}

export default function WorkFiles({ at, onClose }: Props) {
  const input = useRef<HTMLInputElement>(null)
  const link = useRef<HTMLAnchorElement>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  const [said, setSaid] = useState('')
  const chosen = async (file: File | undefined) => {
    if (!file) return
    setSaid(`Sending ${file.name}…`)
    dialog.current?.showModal()
    setSaid(await bringBack(file))
  }
  return (
    <>
      {at && (
        <Menu
          label="My files"
          at={at}
          onClose={onClose}
          items={[
            { label: 'Download my files (.tar.gz)', onSelect: () => link.current?.click() },
            { label: 'Bring files back…', onSelect: () => input.current?.click() },
          ]}
        />
      )}
      <a ref={link} href={withBase(WORK_PATH)} download hidden>
        Download my files
      </a>
      <input
        ref={input}
        type="file"
        accept=".gz,.tgz,application/gzip"
        aria-label="Archive with your files"
        hidden
        onChange={(event) => {
          void chosen(event.target.files?.[0])
          event.target.value = ''
        }}
      />
      <dialog
        ref={dialog}
        aria-labelledby="bring-back"
        className="m-auto max-w-sm rounded-xl border border-line bg-surface p-6 text-ink shadow-xl backdrop:bg-black/40"
      >
        <h2 id="bring-back" className="text-lg font-semibold">
          Bring files back
        </h2>
        <p role="status" className="mt-2 text-sm leading-6 text-muted">
          {said}
        </p>
        <form method="dialog" className="mt-5 flex justify-end">
          <Button type="submit" look="primary">
            Close
          </Button>
        </form>
      </dialog>
    </>
  )
}
