/** A picture of the lesson's own. */

import { withBase } from '../ui/base-path.ts'

interface Props {
  /** Null if the file is not there. */
  src: string | null
  alt: string
  title?: string
  width?: number
  height?: number
}

export function LessonImage({ src, alt, title, width, height }: Props) {
  if (src === null) return <span className="image-missing">Picture: {alt || 'the file is missing'}</span>
  return (
    <img
      src={src.startsWith('/') ? withBase(src) : src}
      alt={alt}
      title={title}
      width={width}
      height={height}
      loading="lazy"
    />
  )
}
