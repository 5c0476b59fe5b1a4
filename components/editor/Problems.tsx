'use client'
/** What the linter found in the file in front: a count that is always there, and below it the list with its fixes. */
import { ChevronDown, ChevronUp, CircleCheck, CircleX, Info, TriangleAlert, Wrench } from 'lucide-react'
import { useEffect, useId, useState } from 'react'
import type { Diagnostic, Severity } from '../../spec/lint/index.ts'
import { Button } from '../ui/Button.tsx'
import type { FileDocument } from './file-document.ts'
import { SEVERITY_WORDS } from './language/markers.ts'
import type { Workspace } from './workspace.ts'

const ICONS: Record<Severity, { Icon: typeof Info; look: string }> = {
  refused: { Icon: CircleX, look: 'text-bad' },
  'fails-later': { Icon: TriangleAlert, look: 'text-warn' },
  'no-effect': { Icon: TriangleAlert, look: 'text-warn' },
  style: { Icon: Info, look: 'text-muted' },
}
const ORDER = Object.keys(ICONS) as Severity[]
const MAX_LISTED = 200

export function Problems({ workspace, document }: { workspace: Workspace; document: FileDocument }) {
  const [found, setFound] = useState<readonly Diagnostic[]>([])
  const [isOpen, setOpen] = useState(false)
  const id = useId()

  useEffect(() => {
    const show = () => setFound(workspace.knowledge.of(document))
    show()
    return workspace.knowledge.subscribe((changed) => {
      if (changed === document) show()
    })
  }, [workspace, document])

  const counts = ORDER.map((severity) => ({
    severity,
    count: found.filter((each) => each.severity === severity).length,
  })).filter(({ count }) => count > 0)
  const Arrow = isOpen ? ChevronDown : ChevronUp

  return (
    <section
      aria-label="Problems"
      className="flex max-h-[45%] min-h-0 shrink-0 flex-col border-t border-line bg-surface"
    >
      <h3 className="shrink-0">
        <button
          type="button"
          aria-expanded={isOpen}
          aria-controls={id}
          disabled={found.length === 0}
          onClick={() => setOpen(!isOpen)}
          className="flex h-7 w-full cursor-pointer items-center gap-3 px-3 text-left text-xs text-muted enabled:hover:bg-raised disabled:cursor-default"
        >
          <span className="font-medium text-ink">Problems</span>
          <span className="flex min-w-0 flex-1 flex-wrap items-center gap-x-3 overflow-hidden">
            {counts.length === 0 && (
              <span className="flex items-center gap-1.5">
                <CircleCheck className="size-3.5 text-good" aria-hidden /> None found
              </span>
            )}
            {counts.map(({ severity, count }) => {
              const { Icon, look } = ICONS[severity]
              return (
                <span key={severity} className="flex items-center gap-1.5 whitespace-nowrap">
                  <Icon className={`size-3.5 ${look}`} aria-hidden />
                  {count} <span className="max-sm:sr-only">{SEVERITY_WORDS[severity]}</span>
                </span>
              )
            })}
          </span>
          {found.length > 0 && <Arrow className="size-3.5" aria-hidden />}
        </button>
      </h3>
      <p role="status" className="sr-only">
        {found.length === 1 ? '1 problem' : `${found.length} problems`} in this file
      </p>
      {isOpen && found.length > 0 && (
        <ul id={id} className="min-h-0 overflow-y-auto border-t border-line py-1">
          {found.slice(0, MAX_LISTED).map((each) => (
            <Problem
              key={`${each.id} ${each.pointer} ${each.from}`}
              found={each}
              onGo={() => workspace.goTo(document, each.from)}
              onFix={() => workspace.fix(document, each)}
            />
          ))}
          {found.length > MAX_LISTED && (
            <li className="px-3 py-1 text-xs text-muted">and {found.length - MAX_LISTED} more</li>
          )}
        </ul>
      )}
    </section>
  )
}

interface ProblemProps {
  found: Diagnostic
  onGo: () => void
  onFix: () => void
}

function Problem({ found, onGo, onFix }: ProblemProps) {
  const { Icon, look } = ICONS[found.severity]
  return (
    <li className="flex items-start gap-2 px-3 py-0.5 hover:bg-raised">
      <button
        type="button"
        onClick={onGo}
        title={found.why}
        className="flex min-w-0 flex-1 cursor-pointer items-start gap-2 py-1 text-left text-[0.8125rem] leading-5"
      >
        <Icon className={`mt-0.5 size-4 shrink-0 ${look}`} aria-hidden />
        <span className="min-w-0 wrap-anywhere">
          <span className="sr-only">{SEVERITY_WORDS[found.severity]}: </span>
          {found.message}
          <span className="pl-2 text-xs text-muted">
            {found.pointer || '/'} · line {found.line} · {found.id}
          </span>
        </span>
      </button>
      {found.fix && (
        <Button size="small" className="h-6! max-w-[45%]" title={found.fix.title} onClick={onFix}>
          <Wrench className="size-3 shrink-0" aria-hidden />
          <span className="truncate">{found.fix.title}</span>
        </Button>
      )}
    </li>
  )
}
