'use client'
/** A command that shows the same as the lens does, to be run in the terminal or copied. */
import { Check, Copy, Play } from 'lucide-react'
import { useFlash } from '../lesson/use-flash.ts'
import { useRunCommand } from '../session/commands.ts'
import { copyText } from '../ui/clipboard.ts'
import { plain } from './plain-text.ts'

const BUTTON =
  'inline-flex h-6 shrink-0 cursor-pointer items-center gap-1 rounded px-1.5 text-xs text-muted hover:bg-surface hover:text-ink pointer-coarse:h-9 pointer-coarse:px-2.5'

export function RunLine({ command }: { command: string }) {
  const run = useRunCommand()
  const [done, flash] = useFlash<'copied' | 'sent'>()
  const shown = plain(command)
  // What would be shown otherwise than it is typed is not typed at all.
  const safe = shown === command
  return (
    <div className="mt-2 flex items-start gap-1 rounded-md bg-raised py-1 pr-1 pl-2.5">
      <code className="min-w-0 flex-1 py-0.5 text-xs leading-5 break-all text-ink">{shown}</code>
      <button
        type="button"
        className={BUTTON}
        aria-label={`Copy: ${shown}`}
        title="Copy"
        onClick={async () => (await copyText(command)) && flash('copied')}
      >
        {done === 'copied' ? (
          <Check className="size-3.5 text-good" aria-hidden />
        ) : (
          <Copy className="size-3.5" aria-hidden />
        )}
      </button>
      {safe && (
        <button
          type="button"
          className={BUTTON}
          aria-label={`Run: ${shown}`}
          title="See it yourself in the terminal"
          onClick={() => {
            run({ text: command })
            flash('sent')
          }}
        >
          {done === 'sent' ? (
            <Check className="size-3.5 text-good" aria-hidden />
          ) : (
            <Play className="size-3 fill-current" aria-hidden />
          )}
          Run
        </button>
      )}
    </div>
  )
}
