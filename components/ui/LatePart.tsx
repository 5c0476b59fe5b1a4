'use client'
/** Around a part of the page that is fetched later: if that fails, the rest of the page stays as it is. */
import { Component, type ReactNode } from 'react'
import { Button } from './Button.tsx'

interface Props {
  /** Such as `The editor`. */
  name: string
  children: ReactNode
  /** Instead of the sentence and the button. */
  fallback?: ReactNode
}

export class LatePart extends Component<Props, { failed: boolean }> {
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
        className="absolute inset-0 grid place-content-center gap-3 bg-surface p-6 text-center text-sm text-muted"
      >
        {this.props.name} could not be loaded: there is no connection, or the lab was updated since this page
        was opened.
        <Button look="primary" className="justify-self-center" onClick={() => location.reload()}>
          Reload the page
        </Button>
      </div>
    )
  }
}
