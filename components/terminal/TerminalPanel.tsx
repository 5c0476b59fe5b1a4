'use client'
/** The terminals of the machine: tabs, one in front, and what to do when a shell has ended. */
import { Plus, SquareTerminal } from 'lucide-react'
import dynamic from 'next/dynamic'
import { useRef } from 'react'
import type { TerminalView } from '../../server/protocol/index.ts'
import { useActiveTerminal, useMachine, useQuestion, useView } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { PaneHeader } from '../ui/PaneHeader.tsx'
import { CommandQuestion } from './CommandQuestion.tsx'
import { GoneNotice } from './GoneNotice.tsx'
import { PaneCard } from './PaneCard.tsx'
import { TerminalMenu } from './TerminalMenu.tsx'
import type { ScreenHandle } from './TerminalScreen.tsx'
import { nameOf, numbered, TerminalTab } from './TerminalTab.tsx'

// In the browser only: xterm.js has no use elsewhere, and one of its add-ons never ends where a page is rendered.
const TerminalScreen = dynamic(() => import('./TerminalScreen.tsx').then((module) => module.TerminalScreen), {
  ssr: false,
})

export function TerminalPanel() {
  const machine = useMachine()
  const { terminals, maxTerminals, sandbox } = useView()
  const active = useActiveTerminal()
  const question = useQuestion()
  const screen = useRef<ScreenHandle>(null)
  const numbers = Array.from({ length: maxTerminals }, (_, i) => i + 1)
  const free = numbers.find((number) => !terminals.some((each) => each.number === number))

  return (
    <section aria-label="Terminals" className="flex h-full min-h-0 flex-col bg-term-bg" data-pane="terminal">
      <PaneHeader>
        <SquareTerminal className="mr-1 size-4 shrink-0 text-muted" aria-hidden />
        <div role="tablist" aria-label="Terminals" className="flex min-w-0 gap-1 overflow-x-auto">
          {terminals.map((terminal) => (
            <TerminalTab
              key={terminal.id}
              terminal={terminal}
              selected={terminal.number === active}
              closable={terminals.length > 1}
              onShow={() => machine.show(terminal.number)}
              onRename={(name) =>
                machine.client.send({ type: 'rename-terminal', terminal: terminal.id, name })
              }
              onClose={() => machine.client.send({ type: 'close-terminal', terminal: terminal.id })}
            />
          ))}
        </div>
        {sandbox?.state === 'ready' && (
          <button
            type="button"
            aria-label="Open another terminal"
            title={free ? 'Open another terminal' : `There may be ${maxTerminals} terminals`}
            aria-disabled={!free}
            onClick={() => free && machine.show(free)}
            className="grid size-7 shrink-0 cursor-pointer place-items-center rounded-md text-muted hover:bg-raised hover:text-ink aria-disabled:cursor-not-allowed aria-disabled:opacity-50"
          >
            <Plus className="size-4" aria-hidden />
          </button>
        )}
        <span className="ml-auto hidden shrink-0 pl-3 text-xs text-muted xl:inline @max-lg:hidden">
          <kbd className="rounded border border-line px-1 font-sans">F6</kbd> leaves the pane
        </span>
        <span className="ml-auto xl:ml-2">
          <TerminalMenu onSearch={() => screen.current?.openSearch()} />
        </span>
      </PaneHeader>
      <GoneNotice />
      <div className="relative min-h-0 flex-1">
        {terminals.map((terminal) => (
          <TerminalScreen
            key={terminal.id}
            id={terminal.id}
            label={numbered(terminal)}
            active={terminal.number === active}
            ref={terminal.number === active ? screen : null}
          />
        ))}
        {question && question.number === active && (
          <CommandQuestion
            key={question.command}
            question={question}
            onAnswer={(answer) => {
              machine.answer(answer)
              screen.current?.focus()
            }}
          />
        )}
        {terminals.map(
          (terminal) =>
            terminal.exit !== null &&
            terminal.number === active && <Ended key={terminal.id} terminal={terminal} />,
        )}
      </div>
    </section>
  )
}

function Ended({ terminal }: { terminal: TerminalView }) {
  const machine = useMachine()
  return (
    <PaneCard
      actions={
        <Button look="primary" size="small" onClick={() => machine.show(terminal.number)}>
          New shell
        </Button>
      }
    >
      The shell of {nameOf(terminal)} has ended{terminal.exit === -1 ? '' : ` (exit code ${terminal.exit})`}.
      Your files and containers are still there.
    </PaneCard>
  )
}
