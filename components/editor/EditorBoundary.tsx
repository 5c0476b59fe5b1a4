'use client'
/** Catches an editor that cannot be fetched: after an update of the lab an open page asks for files that are gone. */
import { Component, type ReactNode } from 'react'
import { Button } from '../ui/Button.tsx'

export class EditorBoundary extends Component<
  { children: ReactNode; fallback?: ReactNode },
  { failed: boolean }
> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    if (this.props.fallback !== undefined) return this.props.fallback
    return (
      <div
        role="alert"
        className="absolute inset-0 grid place-content-center gap-3 p-6 text-center text-sm text-muted"
      >
        The editor could not be loaded. The lab may have been updated since this page was opened.
        <Button look="primary" className="justify-self-center" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </div>
    )
  }
}
