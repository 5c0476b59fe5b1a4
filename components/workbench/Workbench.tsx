'use client'
/** A lesson's page: prose on the left, the machine on the right; on a phone one behind the other. */
import { type ReactNode, useCallback, useRef, useState } from 'react'
import type { Tier } from '../../server/protocol/index.ts'
import { SessionProvider } from '../session/SessionProvider.tsx'
import { LensPane } from './LensPane.tsx'
import { EditorPane, MachineNotices, TerminalPane } from './MachinePanes.tsx'
import { PaneToggles } from './PaneToggles.tsx'
import { PhoneTabs, type Shown } from './PhoneTabs.tsx'
import { type Pane, Split } from './Split.tsx'
import { TopBar } from './TopBar.tsx'
import { useLens } from './use-lens.ts'
import { usePaneKeys } from './use-pane-keys.ts'
import { type Panes, usePanes } from './use-panes.ts'

interface Props {
  /** `panes`: which of the machine's are there at first. */
  lesson: { slug: string; title: string; tier: Tier; panes: Panes }
  children: ReactNode
}

const ROWS: Pane[] = [
  { id: 'editor', initial: 50, least: 10, handle: 'Height of the editor', children: <EditorPane /> },
  { id: 'terminals', initial: 50, least: 10, children: <TerminalPane /> },
]

export function Workbench({ lesson, children }: Props) {
  const [shown, setShown] = useState<Shown>('prose')
  const frame = useRef<HTMLDivElement>(null)
  const lens = useLens(shown)
  const { panes, show: showPane, toggle: togglePane } = usePanes(lesson.slug, lesson.panes)
  usePaneKeys(frame)
  const { narrow, show } = lens
  const showLens = useCallback(() => (narrow ? setShown('lens') : show(true)), [narrow, show])

  const columns: Pane[] = [
    {
      id: 'prose',
      initial: lens.open ? 27 : 40,
      least: 20,
      handle: 'Width of the lesson',
      children: (
        <main
          className="relative h-full overflow-y-auto bg-surface outline-none"
          data-pane="prose"
          tabIndex={-1}
        >
          {children}
        </main>
      ),
    },
    {
      id: 'machine',
      initial: lens.open ? 41 : 60,
      least: 25,
      handle: 'Width of the machine',
      label: 'Machine',
      children: (
        <>
          <MachineNotices needs={lesson.tier} />
          <noscript>
            <p className="p-6 text-sm text-muted">
              The machine beside this lesson needs JavaScript. The lesson itself does not.
            </p>
          </noscript>
          {!(lesson.panes.editor && lesson.panes.terminal) && (
            <PaneToggles panes={panes} onShow={showPane} onToggle={togglePane} />
          )}
          <Split set="rows" axis="y" className="needs-js min-h-0 flex-1" panes={ROWS} />
        </>
      ),
    },
  ]
  if (lens.open)
    columns.push({
      id: 'lens',
      initial: 32,
      least: 20,
      children: (
        <LensPane
          visible={lens.visible}
          onClose={() => (lens.narrow ? setShown('machine') : lens.show(false))}
        />
      ),
    })

  return (
    <SessionProvider lesson={lesson.slug}>
      <div
        ref={frame}
        className="workbench fixed inset-0 flex flex-col overflow-clip bg-canvas"
        data-shown={shown}
        data-lens={lens.open || undefined}
        data-panes={Object.keys(panes)
          .filter((name) => panes[name as keyof Panes])
          .join(' ')}
      >
        <TopBar title={lesson.title} lens={{ open: lens.open, onToggle: () => lens.show(!lens.open) }} />
        <Split
          set={lens.open ? 'columns-lens' : 'columns'}
          axis="x"
          className="min-h-0 flex-1"
          panes={columns}
        />
        <PhoneTabs shown={shown} onShow={setShown} onLens={showLens} />
      </div>
    </SessionProvider>
  )
}
