'use client'
/** A lesson's page: prose on the left, the machine on the right; on a phone one behind the other. */
import { type ReactNode, useCallback, useRef, useState } from 'react'
import { Group, Panel, Separator } from 'react-resizable-panels'
import type { Tier } from '../../server/protocol/index.ts'
import { SessionProvider } from '../session/SessionProvider.tsx'
import { LensPane } from './LensPane.tsx'
import { MachineNotice } from './MachineNotice.tsx'
import { EditorPane, TerminalPane } from './MachinePanes.tsx'
import { PhoneTabs, type Shown } from './PhoneTabs.tsx'
import { TierNotice } from './TierNotice.tsx'
import { TopBar } from './TopBar.tsx'
import { useLens } from './use-lens.ts'
import { usePaneKeys } from './use-pane-keys.ts'
import { useStoredLayout } from './use-stored-layout.ts'

interface Props {
  lesson: { slug: string; title: string; tier: Tier }
  children: ReactNode
}

/** In percent. */
const WITHOUT_LENS = { prose: 40, machine: 60 }
const WITH_LENS = { prose: 27, machine: 41, lens: 32 }

export function Workbench({ lesson, children }: Props) {
  const [shown, setShown] = useState<Shown>('prose')
  const frame = useRef<HTMLDivElement>(null)
  const lens = useLens(shown)
  const columns = useStoredLayout(
    lens.open ? 'runclab.columns.lens' : 'runclab.columns',
    lens.open ? WITH_LENS : WITHOUT_LENS,
  )
  const rows = useStoredLayout('runclab.rows')
  usePaneKeys(frame)
  const { narrow, show } = lens
  const showLens = useCallback(() => (narrow ? setShown('lens') : show(true)), [narrow, show])

  return (
    <SessionProvider lesson={lesson.slug}>
      <div
        ref={frame}
        className="workbench fixed inset-0 flex flex-col overflow-clip bg-canvas"
        data-shown={shown}
        data-lens={lens.open || undefined}
      >
        <TopBar title={lesson.title} lens={{ open: lens.open, onToggle: () => lens.show(!lens.open) }} />
        <Group className="min-h-0 flex-1" orientation="horizontal" {...columns}>
          <Panel id="prose" defaultSize="40%" minSize="20%">
            <main
              className="relative h-full overflow-y-auto bg-surface outline-none"
              data-pane="prose"
              tabIndex={-1}
            >
              {children}
            </main>
          </Panel>
          <Separator className="separator separator-x" aria-label="Width of the lesson" />
          <Panel id="machine" minSize="25%" className="flex flex-col" role="region" aria-label="Machine">
            <MachineNotice />
            <TierNotice needs={lesson.tier} />
            <noscript>
              <p className="p-6 text-sm text-muted">
                The machine beside this lesson needs JavaScript. The lesson itself does not.
              </p>
            </noscript>
            <Group className="needs-js min-h-0 flex-1" orientation="vertical" {...rows}>
              <Panel id="editor" defaultSize="50%" minSize="10%">
                <EditorPane />
              </Panel>
              <Separator className="separator separator-y" aria-label="Height of the editor" />
              <Panel id="terminals" minSize="10%">
                <TerminalPane />
              </Panel>
            </Group>
          </Panel>
          {lens.open && (
            <>
              <Separator className="separator separator-x" aria-label="Width of the lens" />
              <Panel id="lens" defaultSize="30%" minSize="20%">
                <LensPane
                  visible={lens.visible}
                  onClose={() => (lens.narrow ? setShown('machine') : lens.show(false))}
                />
              </Panel>
            </>
          )}
        </Group>
        <PhoneTabs shown={shown} onShow={setShown} onLens={showLens} />
      </div>
    </SessionProvider>
  )
}
