'use client'
/**
 * Parts below the text that do nothing without scripts: their code comes after that of the rest, and a part whose code does
 * not come leaves the page as it is.
 */
import { type ComponentType, lazy, Suspense, useEffect, useState } from 'react'
import { LatePart } from '../ui/LatePart.tsx'

/** Not next/dynamic: its list of what to preload names files that the bundler has not written. */
function late<Props extends object>(load: () => Promise<ComponentType<Props>>) {
  const Part = lazy(async () => ({ default: await load() }))
  return function Late(props: Props) {
    const [isThere, setThere] = useState(false)
    // What the server has rendered cannot be clicked before its code is there: a click would do nothing.
    return (
      <div className="contents" inert={!isThere}>
        <LatePart name="This part" fallback={null}>
          <Suspense fallback={null}>
            <Part {...props} />
            <There onThere={() => setThere(true)} />
          </Suspense>
        </LatePart>
      </div>
    )
  }
}

/** Beside a part whose code comes later: calls `onThere` when it has come. */
function There({ onThere }: { onThere: () => void }) {
  useEffect(onThere, [])
  return null
}

export const SolveStep = late(() => import('./SolveStep.tsx').then(({ SolveStep }) => SolveStep))
export const ResetMenu = late(() => import('./ResetMenu.tsx').then(({ ResetMenu }) => ResetMenu))
export const FeedbackForm = late(() => import('./FeedbackForm.tsx').then(({ FeedbackForm }) => FeedbackForm))
export const ScriptHint = late(() => import('./ScriptHint.tsx').then(({ ScriptHint }) => ScriptHint))
export const Preview = late(() => import('./Preview.tsx').then(({ Preview }) => Preview))
