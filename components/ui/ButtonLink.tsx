/** Links that look like buttons; apart from those, because what follows a link is code that not every page needs. */
import Link from 'next/link'
import type { ComponentProps } from 'react'
import { buttonClass, type Look } from './Button.tsx'

export function ButtonLink({ look, size, className, ...rest }: ComponentProps<typeof Link> & Look) {
  return <Link className={buttonClass({ look, size }, className)} {...rest} />
}
