'use client'
/** The bar over a lesson: the way home, the state of the machine, starting over, the theme. */
import { RotateCcw, ScanSearch } from 'lucide-react'
import Link from 'next/link'
import { useRef } from 'react'
import { useMachine, useView } from '../session/SessionProvider.tsx'
import type { View } from '../session/view.ts'
import { Button } from '../ui/Button.tsx'
import { Logo } from '../ui/Logo.tsx'
import { ThemeSwitch } from '../ui/ThemeSwitch.tsx'
import { WorkMenu } from './WorkMenu.tsx'

interface Props {
  title: string
  lens: { open: boolean; onToggle: () => void }
}

export function TopBar({ title, lens }: Props) {
  return (
    <header className="flex h-12 shrink-0 items-center gap-3 border-b border-line bg-surface px-4">
      <Link href="/" className="shrink-0 text-ink" aria-label="runC Lab, home">
        <Logo />
      </Link>
      <span className="hidden min-w-0 truncate text-sm text-muted lg:inline">{title}</span>
      <div className="ml-auto flex items-center gap-2">
        <MachineState />
        <Button
          look="quiet"
          size="small"
          className="needs-js aria-pressed:bg-accent-soft aria-pressed:text-accent max-md:hidden"
          title="What the kernel did with each line of config.json"
          aria-pressed={lens.open}
          onClick={lens.onToggle}
        >
          <ScanSearch className="size-3.5" aria-hidden />
          Lens
        </Button>
        <WorkMenu />
        <StartOver />
        <ThemeSwitch />
      </div>
    </header>
  )
}

/** One light and a few words. */
function describe({ connection, sandbox }: View): { light: string; text: string; busy?: boolean } {
  if (connection === 'away') return { light: 'bg-warn', text: 'Connection lost, trying again…', busy: true }
  if (!sandbox) return { light: 'bg-muted', text: 'Looking for your sandbox…', busy: true }
  if (sandbox.state === 'creating') return { light: 'bg-accent', text: 'Creating your sandbox…', busy: true }
  if (sandbox.state === 'waiting')
    return sandbox.why === 'stopping'
      ? { light: 'bg-warn', text: 'No sandbox: the lab is being stopped' }
      : { light: 'bg-warn', text: `Number ${sandbox.place} in the queue`, busy: true }
  if (sandbox.state === 'failed') return { light: 'bg-bad', text: 'No sandbox' }
  if (sandbox.state === 'ended') return { light: 'bg-bad', text: 'Sandbox ended' }
  return {
    light: 'bg-good',
    text: sandbox.startedMs ? `Sandbox ready in ${sandbox.startedMs} ms` : 'Sandbox ready',
  }
}

function MachineState() {
  const view = useView()
  const { light, text, busy } = describe(view)
  // What an operator asks for when something is wrong.
  const title = view.sandbox?.state === 'ready' ? `Sandbox ${view.sandbox.id}` : undefined
  return (
    <span role="status" title={title} className="needs-js flex items-center gap-2 text-xs text-muted">
      <span className={`size-2 rounded-full ${light} ${busy ? 'animate-pulse' : ''}`} aria-hidden />
      <span className="max-sm:sr-only">{text}</span>
    </span>
  )
}

function StartOver() {
  const machine = useMachine()
  const { sandbox } = useView()
  const dialog = useRef<HTMLDialogElement>(null)
  return (
    <>
      <Button
        look="quiet"
        size="small"
        className="needs-js"
        title="Start over with a fresh sandbox"
        disabled={sandbox?.state !== 'ready'}
        onClick={() => dialog.current?.showModal()}
      >
        <RotateCcw className="size-3.5" aria-hidden />
        <span className="max-sm:sr-only">Start over</span>
      </Button>
      <dialog
        ref={dialog}
        aria-labelledby="start-over"
        className="m-auto max-w-sm rounded-xl border border-line bg-surface p-6 text-ink shadow-xl backdrop:bg-black/40"
      >
        <h2 id="start-over" className="text-lg font-semibold">
          Start over?
        </h2>
        <p className="mt-2 text-sm leading-6 text-muted">
          Your sandbox and everything in it is thrown away: files, containers, shells. A fresh one takes its
          place at once. Download your files before, if you want to keep them.
        </p>
        <form method="dialog" className="mt-5 flex justify-end gap-2">
          <Button type="submit">Keep it</Button>
          <Button type="submit" look="primary" onClick={() => machine.reset()}>
            Throw it away
          </Button>
        </form>
      </dialog>
    </>
  )
}
