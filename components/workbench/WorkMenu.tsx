'use client'
/** The button "My files". What is behind it comes with the first click, and stays. */
import { FolderDown } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useCallback, useRef, useState } from 'react'
import { useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { LatePart } from '../ui/LatePart.tsx'

const WorkFiles = dynamic(() => import('./WorkFiles.tsx'), { ssr: false })

export function WorkMenu() {
  const { sandbox } = useView()
  const button = useRef<HTMLButtonElement>(null)
  const [used, setUsed] = useState(false)
  const [at, setAt] = useState<{ x: number; y: number } | null>(null)
  const close = useCallback((chosen: boolean) => {
    setAt(null)
    if (!chosen) button.current?.focus()
  }, [])
  const open = () => {
    const { right, bottom } = button.current!.getBoundingClientRect()
    setUsed(true)
    setAt({ x: right, y: bottom + 4 })
  }
  const failed = (
    <span role="alert" className="text-sm text-muted">
      This menu could not be loaded. Reload the page.
    </span>
  )
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
      {used && (
        <LatePart name="My files" fallback={failed}>
          <WorkFiles at={at} onClose={close} />
        </LatePart>
      )}
    </>
  )
}
