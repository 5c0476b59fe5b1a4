'use client'
/** Takes the learner's files home and brings them back. */
import { FolderDown } from 'lucide-react'
import { useCallback, useRef, useState } from 'react'
import { MAX_WORK_BYTES, WORK_PATH } from '../../server/protocol/transport.ts'
import { useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { withBase } from '../ui/base-path.ts'
import { Menu } from '../ui/Menu.tsx'

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

export function WorkMenu() {
  const { sandbox } = useView()
  const button = useRef<HTMLButtonElement>(null)
  const input = useRef<HTMLInputElement>(null)
  const link = useRef<HTMLAnchorElement>(null)
  const dialog = useRef<HTMLDialogElement>(null)
  const [at, setAt] = useState<{ x: number; y: number } | null>(null)
  const [said, setSaid] = useState('')
  const close = useCallback((chosen: boolean) => {
    setAt(null)
    if (!chosen) button.current?.focus()
  }, [])
  const open = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    setAt({ x: right, y: bottom + 4 })
  }
  const chosen = async (file: File | undefined) => {
    if (!file) return
    setSaid(`Sending ${file.name}…`)
    dialog.current?.showModal()
    setSaid(await bringBack(file))
  }
  return (
    <>
      <Button
        ref={button}
        look="quiet"
        size="small"
        className="needs-js"
        title="Download your files, or bring them back"
        aria-haspopup="menu"
        aria-expanded={at !== null}
        disabled={sandbox?.state !== 'ready'}
        onClick={open}
      >
        <FolderDown className="size-3.5" aria-hidden />
        <span className="max-sm:sr-only">My files</span>
      </Button>
      {at && (
        <Menu
          label="My files"
          at={at}
          onClose={close}
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
