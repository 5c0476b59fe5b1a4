'use client'
/** A block of code in a lesson: can always be copied, and run in a terminal if it is a command. */
import { Check, Copy, Play } from 'lucide-react'
import type { ReactNode } from 'react'
import { type Command, useRunCommand } from '../session/commands.ts'
import { Button } from '../ui/Button.tsx'
import { copyText } from '../ui/clipboard.ts'
import { useFlash } from './use-flash.ts'

export interface CommandProps extends Command {
  runnable: boolean
  /** The text in colour; the bare text if there is none. */
  children?: ReactNode
}

export function CommandBlock({ runnable, children, ...command }: CommandProps) {
  const run = useRunCommand()
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
