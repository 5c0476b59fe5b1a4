'use client'
/** A picture on another site: fetched only when the learner says so, because that site learns who asks. */
import { ImageDown } from 'lucide-react'
import { useState } from 'react'

interface Props {
  src: string
  alt: string
  width?: number
  height?: number
}

export function RemoteImage({ src, alt, width, height }: Props) {
  const [state, setState] = useState<'asked' | 'shown' | 'failed'>('asked')
  const site = URL.canParse(src) ? new URL(src).hostname : 'another site'
  if (state === 'shown') {
    return (
      <img
        // Pages of lessons may load pictures over TLS alone.
        src={src.replace(/^http:/i, 'https:')}
        alt={alt}
        width={width}
        height={height}
        referrerPolicy="no-referrer"
        onError={() => setState('failed')}
      />
    )
  }
  return (
    <span className="image-remote">
      <ImageDown className="size-4 shrink-0" aria-hidden />
      <span>
        {alt || 'A picture'}{' '}
        <small>{state === 'failed' ? `could not be fetched from ${site}` : `is on ${site}`}</small>
      </span>
      <button
        type="button"
        className="needs-js"
        onClick={() => setState('shown')}
        aria-label={`Show the picture from ${site}${alt ? `: ${alt}` : ''}`}
      >
        {state === 'failed' ? 'Try again' : 'Show'}
      </button>
    </span>
  )
}
