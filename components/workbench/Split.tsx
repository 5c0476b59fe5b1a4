'use client'
/** Panes beside or below each other, with handles between them for mouse, touch and keyboard (ARIA's window splitter). */
import {
  type CSSProperties,
  Fragment,
  type KeyboardEvent,
  type PointerEvent,
  type ReactNode,
  useRef,
  useSyncExternalStore,
} from 'react'
import {
  keepShares,
  moveEdge,
  type PaneSet,
  readShares,
  type Share,
  shareOf,
  showShares,
  subscribeShares,
} from './pane-sizes.ts'

export interface Pane {
  id: string
  /** What it begins with, and the least it keeps, in percent of the whole. */
  initial: number
  least: number
  /** Names the handle behind it. */
  handle?: string
  /** The pane is a landmark of this name. */
  label?: string
  children: ReactNode
}

interface Props {
  /** Under which name the sizes are remembered. */
  set: PaneSet
  axis: 'x' | 'y'
  panes: readonly Pane[]
  className?: string
}

/** Of one press of an arrow key, in percent. */
const STEP = 5

export function Split({ set, axis, panes, className = '' }: Props) {
  const frame = useRef<HTMLDivElement>(null)
  return (
    <div ref={frame} className={`split split-${axis} ${className}`}>
      {panes.map((pane, index) => (
        <Fragment key={pane.id}>
          <div
            id={pane.id}
            {...(pane.label && { role: 'region', 'aria-label': pane.label })}
            className="split-pane"
            style={
              {
                '--share': shareOf(set, pane.id, pane.initial),
                [axis === 'x' ? 'minWidth' : 'minHeight']: `${pane.least}%`,
              } as CSSProperties
            }
          >
            {pane.children}
          </div>
          {index < panes.length - 1 && (
            <Handle
              set={set}
              axis={axis}
              panes={panes}
              at={index}
              length={() => lengthOf(frame.current!, axis)}
            />
          )}
        </Fragment>
      ))}
    </div>
  )
}

const lengthOf = (frame: HTMLElement, axis: Props['axis']) =>
  axis === 'x' ? frame.clientWidth : frame.clientHeight

interface HandleProps extends Props {
  /** The pane before it. */
  at: number
  /** Of all panes together, in CSS pixels. */
  length: () => number
}

function Handle({ set, axis, panes, at, length }: HandleProps) {
  const initial = panes.map(({ id, initial }): Share => ({ pane: id, percent: initial }))
  const least = panes.map(({ least }) => least)
  const now = useSyncExternalStore(
    subscribeShares,
    () => readShares(set, initial)[at]!.percent,
    () => initial[at]!.percent,
  )
  const both = useSyncExternalStore(
    subscribeShares,
    () => now + readShares(set, initial)[at + 1]!.percent,
    () => initial[at]!.percent + initial[at + 1]!.percent,
  )
  /** Where a drag began, and with which sizes. */
  const drag = useRef<{ from: number; shares: Share[] } | null>(null)
  const place = (event: PointerEvent) => (axis === 'x' ? event.clientX : event.clientY)

  const move = (by: number, from = readShares(set, initial)) => {
    const moved = moveEdge(from, at, by, least)
    showShares(set, moved)
    return moved
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const [back, on] = axis === 'x' ? ['ArrowLeft', 'ArrowRight'] : ['ArrowUp', 'ArrowDown']
    const by = { [back!]: -STEP, [on!]: STEP, Home: -100, End: 100 }[event.key]
    if (by === undefined || event.ctrlKey || event.altKey || event.metaKey) return
    event.preventDefault()
    keepShares(set, move(by))
  }
  const onDone = () => {
    if (drag.current) keepShares(set, readShares(set, initial))
    drag.current = null
  }
  return (
    // biome-ignore lint/a11y/useSemanticElements: an <hr> cannot be moved
    <div
      role="separator"
      tabIndex={0}
      aria-label={panes[at]!.handle}
      aria-orientation={axis === 'x' ? 'vertical' : 'horizontal'}
      aria-controls={panes[at]!.id}
      aria-valuenow={Math.round(now)}
      aria-valuemin={least[at]}
      aria-valuemax={Math.round(both - least[at + 1]!)}
      title="Drag, or use the arrow keys; a double click sets it back"
      className="separator"
      onKeyDown={onKeyDown}
      onDoubleClick={() => {
        showShares(set, initial)
        keepShares(set, initial)
      }}
      onPointerDown={(event) => {
        if (event.button !== 0) return
        // Nothing is selected on the way, and the pointer is ours over frames and editors too.
        event.preventDefault()
        event.currentTarget.setPointerCapture(event.pointerId)
        event.currentTarget.focus({ preventScroll: true })
        drag.current = { from: place(event), shares: readShares(set, initial) }
      }}
      onPointerMove={(event) => {
        if (!drag.current) return
        move(((place(event) - drag.current.from) / length()) * 100, drag.current.shares)
      }}
      onPointerUp={onDone}
      onPointerCancel={onDone}
    />
  )
}
