'use client'
/** A command in running text, with small buttons to copy and to run it. */
import { Check, Copy, FileText, Play } from 'lucide-react'
import { useOpenFile, useRunCommand } from '../session/commands.ts'
import { copyText } from '../ui/clipboard.ts'
import type { CommandProps } from './CommandBlock.tsx'
import { useFlash } from './use-flash.ts'

export function CommandInline({ runnable, host, open, children, ...command }: CommandProps) {
  const run = useRunCommand()
  const openFile = useOpenFile()
  const [done, flash] = useFlash<'copied' | 'sent'>()
  // A control key is pressed, a command is run.
  const verb = command.send ? 'Press' : 'Run'
  const where = command.terminal ? `${verb} in terminal ${command.terminal}` : verb
  return (
    <span className="command-inline">
      <code>{children ?? command.text}</code>
      <button
        type="button"
        className="needs-js"
        title="Copy"
        aria-label={`Copy: ${command.text}`}
        onClick={async () => (await copyText(command.text)) && flash('copied')}
      >
        {done === 'copied' ? <Check aria-hidden /> : <Copy aria-hidden />}
      </button>
      {host !== undefined && <small className="command-host"> (for host {host}, which is not there)</small>}
      {open !== undefined && (
        <button
          type="button"
          className="needs-js"
          title="Open in the editor"
          aria-label={`Open ${open} in the editor`}
          onClick={() => openFile(open)}
        >
          <FileText aria-hidden />
        </button>
      )}
      {runnable && (
        <button
          type="button"
          className="needs-js"
          title={where}
          aria-label={`${where}: ${command.text}`}
          onClick={() => {
            run(command)
            flash('sent')
          }}
        >
          {done === 'sent' ? <Check aria-hidden /> : <Play aria-hidden />}
        </button>
      )}
    </span>
  )
}
