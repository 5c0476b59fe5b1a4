'use client'
/** A block of code in a lesson: can always be copied, and run in a terminal if it is a command. */
import { Check, Copy, FileText, Play } from 'lucide-react'
import type { ReactNode } from 'react'
import type { Command } from '../session/command.ts'
import { useOpenFile, useRunCommand } from '../session/commands.ts'
import { Button } from '../ui/Button.tsx'
import { copyText } from '../ui/clipboard.ts'
import { useFlash } from './use-flash.ts'

export interface CommandProps extends Command {
  runnable: boolean
  /** The number of the host that it is meant for, if that is not there. */
  host?: number
  /** The file in the sandbox that the text names: it can be opened in the editor. */
  open?: string
  /** The text in colour; the bare text if there is none. */
  children?: ReactNode
}

export function CommandBlock({ runnable, host, open, children, ...command }: CommandProps) {
  const run = useRunCommand()
  const openFile = useOpenFile()
  const [done, flash] = useFlash<'copied' | 'sent'>()
  // A control key is pressed, a command is run.
  const verb = command.send ? 'Press' : 'Run'
  const where = command.terminal ? `${verb} in terminal ${command.terminal}` : verb
  return (
    <div className="command" data-runnable={runnable}>
      <pre>
        <code>{children ?? command.text}</code>
      </pre>
      <div className="needs-js command-actions">
        <Button
          look="quiet"
          size="small"
          className="w-8 px-0!"
          title="Copy"
          aria-label={`Copy: ${command.text}`}
          onClick={async () => (await copyText(command.text)) && flash('copied')}
        >
          {done === 'copied' ? (
            <Check className="size-3.5 text-good" aria-hidden />
          ) : (
            <Copy className="size-3.5" aria-hidden />
          )}
        </Button>
        {host !== undefined && <span className="command-host">For host {host}, which is not there</span>}
        {open !== undefined && (
          <Button
            look="primary"
            size="small"
            aria-label={`Open ${open} in the editor`}
            onClick={() => openFile(open)}
          >
            <FileText className="size-3.5" aria-hidden /> Open
          </Button>
        )}
        {runnable && (
          <Button
            look="primary"
            size="small"
            aria-label={`${where}: ${command.text}`}
            onClick={() => {
              run(command)
              flash('sent')
            }}
          >
            {done === 'sent' ? (
              <Check className="size-3.5" aria-hidden />
            ) : (
              <Play className="size-3 fill-current" aria-hidden />
            )}
            {where}
          </Button>
        )}
      </div>
      <span role="status" className="sr-only">
        {done === 'copied' ? 'Copied' : done === 'sent' ? 'Sent to the terminal' : ''}
      </span>
    </div>
  )
}
