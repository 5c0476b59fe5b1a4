'use client'
/** The lens: which containers there are, and what the kernel did with each line of the config.json of one of them. */
import { ScanSearch, X } from 'lucide-react'
import { type KeyboardEvent, useEffect, useState } from 'react'
import { textOf } from '../../spec/lens/facts.ts'
import { parseJson } from '../../spec/lens/state.ts'
import type { LensView } from '../../spec/lens/views.ts'
import { useMachine } from '../session/SessionProvider.tsx'
import { Button } from '../ui/Button.tsx'
import { PaneHeader } from '../ui/PaneHeader.tsx'
import { CapabilitiesTab } from './CapabilitiesTab.tsx'
import { CgroupTab } from './CgroupTab.tsx'
import { CompareTab } from './CompareTab.tsx'
import { ContainerList } from './ContainerList.tsx'
import { DockerTab } from './DockerTab.tsx'
import { FieldsTab } from './FieldsTab.tsx'
import { MountsTab } from './MountsTab.tsx'
import { NamespacesTab } from './NamespacesTab.tsx'
import { NothingYet } from './NothingYet.tsx'
import { ProcessesTab } from './ProcessesTab.tsx'
import { Waiting } from './parts.tsx'
import { plain } from './plain-text.ts'
import { StateMachine } from './StateMachine.tsx'
import { TimelineTab } from './TimelineTab.tsx'
import { useEditorBridge } from './use-editor-bridge.ts'
import { type LensData, useLensData } from './use-lens-data.ts'

const TABS = [
  ['fields', 'Fields'],
  ['namespaces', 'Namespaces'],
  ['processes', 'Processes'],
  ['capabilities', 'Caps', 'Capabilities'],
  ['mounts', 'Mounts'],
  ['cgroup', 'Cgroup'],
  ['timeline', 'Timeline'],
  ['docker', 'Docker'],
  ['compare', 'Compare'],
] as const satisfies readonly (readonly [LensView, string, string?])[]
type Tab = LensView

export default function LensPanel({ visible, onClose }: { visible: boolean; onClose: () => void }) {
  const data = useLensData(visible)
  const { store, state, current } = data
  const { view } = state
  return (
    <>
      <PaneHeader>
        <ScanSearch className="mr-1 size-4 shrink-0 text-muted" aria-hidden />
        <h2 className="text-[0.8125rem] font-medium text-ink">Lens</h2>
        <span className="min-w-0 truncate pl-1 text-xs text-muted">what the kernel did with config.json</span>
        <Button
          look="quiet"
          size="small"
          className="ml-auto w-8 px-0!"
          aria-label="Close the lens"
          onClick={onClose}
        >
          <X className="size-3.5" aria-hidden />
        </Button>
      </PaneHeader>
      {view.state === 'failed' && (
        <p role="alert" className="border-b border-line bg-warn-soft px-3 py-2 text-xs leading-5 text-ink">
          The lens {plain(view.why)}. It tries again by itself.
        </p>
      )}
      {current ? (
        <>
          <ContainerList
            containers={view.containers}
            current={current}
            more={view.more}
            skewMs={state.skewMs}
            onChoose={(dir) => store.choose(dir)}
          />
          <Inside key={current.dir} data={data} visible={visible} />
        </>
      ) : (
        <NothingYet waiting={view.state === 'starting' || view.state === 'off'} />
      )}
    </>
  )
}

/** The tab stays when another container comes to the front. */
let lastTab: Tab = 'fields'
/** Docker's view was asked for, and none of Docker's containers is known yet. */
let wantsDocker = false

function Inside({ data, visible }: { data: LensData; visible: boolean }) {
  const { current, look, state, store } = data
  const [tab, setTab] = useState<Tab>(lastTab)
  const bridge = useEditorBridge(look, visible)
  if (!current) return null
  const tabs = TABS.filter(([id]) => id !== 'docker' || current.owner === 'docker')
  const shown = tabs.some(([id]) => id === tab) ? tab : 'fields'
  const oom = state.events.some(({ dir, what }) => dir === current.dir && what === 'oom')
  const choose = (next: Tab) => {
    lastTab = next
    wantsDocker = false
    setTab(next)
  }
  const door = useMachine().lens
  useEffect(() => {
    const enter = () => {
      const wanted = door.take()
      if (!wanted) return
      lastTab = wanted
      wantsDocker = wanted === 'docker'
      setTab(wanted)
      bringDocker(store)
    }
    enter()
    return door.onOpen(enter)
  }, [door, store])
  const { containers } = state.view
  // A lens that was closed knows only the containers of then.
  useEffect(() => bringDocker(store), [containers, store])
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key]
    if (!step) return
    const index = tabs.findIndex(([id]) => id === shown)
    const next = tabs[(index + step + tabs.length) % tabs.length]!
    choose(next[0])
    event.currentTarget.querySelector<HTMLElement>(`[data-tab="${next[0]}"]`)?.focus()
    event.preventDefault()
  }
  return (
    <>
      <StateMachine container={current} look={look} oom={oom} name={dockerName(data)} />
      <div
        role="tablist"
        aria-label="Views of the container"
        onKeyDown={onKeyDown}
        className="flex shrink-0 flex-wrap gap-x-0.5 border-b border-line px-2"
      >
        {tabs.map(([id, label, name]) => (
          <button
            key={id}
            type="button"
            role="tab"
            id={`lens-tab-${id}`}
            data-tab={id}
            aria-label={name}
            title={name}
            aria-selected={id === shown}
            aria-controls="lens-view"
            tabIndex={id === shown ? 0 : -1}
            onClick={() => choose(id)}
            className="h-7 cursor-pointer border-b-2 border-transparent px-1.5 text-[0.71875rem] text-muted hover:text-ink aria-selected:border-accent aria-selected:font-medium aria-selected:text-accent pointer-coarse:h-10"
          >
            {label}
          </button>
        ))}
      </div>
      <div
        // Each view begins at its top.
        key={shown}
        role="tabpanel"
        id="lens-view"
        aria-labelledby={`lens-tab-${shown}`}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reached by the keyboard
        tabIndex={0}
        className="@container min-h-0 flex-1 overflow-y-auto outline-offset-[-2px]"
      >
        <View tab={shown} data={data} bridge={bridge} />
      </div>
    </>
  )
}

/** Docker's view is of Docker's containers: the newest that lives comes to the front. */
function bringDocker(store: LensData['store']): void {
  if (!wantsDocker) return
  const docker = store.state.view.containers.filter(
    ({ owner, phase }) => owner === 'docker' && phase !== 'gone',
  )
  const newest = docker.sort((one, other) => (one.created < other.created ? 1 : -1))[0]
  if (!newest) return
  wantsDocker = false
  if (store.current?.owner !== 'docker') store.choose(newest.dir)
}

/** What `docker ps` calls it. */
function dockerName({ current, readings }: LensData): string {
  if (current?.owner !== 'docker') return ''
  const kept = parseJson(textOf(readings, `b /var/lib/docker/containers/${current.id}/config.v2.json`))
  return typeof kept?.Name === 'string' ? kept.Name.replace(/^\//, '') : ''
}

interface ViewProps {
  tab: Tab
  data: LensData
  bridge: ReturnType<typeof useEditorBridge>
}

function View({ tab, data, bridge }: ViewProps) {
  const { current, readings, look, state } = data
  if (!current) return null
  const samples = state.samples[current.dir] ?? []
  if (tab === 'timeline') return <TimelineTab container={current} events={state.events} samples={samples} />
  if (tab === 'namespaces')
    return (
      <NamespacesTab
        containers={state.view.containers}
        current={current}
        host={state.view.host}
        readings={readings}
      />
    )
  if (!look)
    return (
      <Waiting>
        {current.phase === 'gone'
          ? 'It is deleted, and was not looked at before. Its timeline is what is left.'
          : 'Reading what the kernel has…'}
      </Waiting>
    )
  switch (tab) {
    case 'fields':
      return (
        <FieldsTab
          look={look}
          cursor={bridge.cursor}
          onReveal={(row, byClick) => {
            // On a phone the editor lies behind another tab: there one asks for it.
            if (byClick && window.matchMedia('(max-width: 767px)').matches) return
            bridge.reveal(row.pointer)
          }}
        />
      )
    case 'processes':
      return <ProcessesTab container={current} readings={readings} />
    case 'capabilities':
      return <CapabilitiesTab look={look} />
    case 'mounts':
      return <MountsTab look={look} />
    case 'cgroup':
      return <CgroupTab container={current} readings={readings} samples={samples} look={look} />
    case 'docker':
      return <DockerTab {...data} own={parseJson(bridge.own())} onReveal={bridge.reveal} />
    case 'compare':
      return <CompareTab {...data} own={parseJson(bridge.own())} />
  }
}
