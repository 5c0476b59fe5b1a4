/** The buttons of the lab. */
import type { ComponentProps } from 'react'

export type Look = { look?: 'primary' | 'secondary' | 'quiet'; size?: 'small' | 'medium' | 'large' }

const BASE =
  'inline-flex shrink-0 cursor-pointer items-center justify-center gap-2 font-medium whitespace-nowrap ' +
  'transition-colors disabled:cursor-not-allowed disabled:opacity-50 aria-disabled:cursor-not-allowed aria-disabled:opacity-50'
const LOOKS = {
  primary: 'bg-accent text-accent-ink hover:bg-accent-strong',
  secondary: 'border border-line bg-surface text-ink hover:border-muted hover:bg-raised',
  quiet: 'text-muted hover:bg-raised hover:text-ink',
}
const SIZES = {
  small: 'h-7 rounded-md px-2.5 text-[0.8125rem]',
  medium: 'h-9 rounded-lg px-3.5 text-sm',
  large: 'h-12 rounded-xl px-6 text-base',
}

/** The classes alone, for elements that are neither. */
export function buttonClass({ look = 'secondary', size = 'medium' }: Look = {}, extra = ''): string {
  return `${BASE} ${LOOKS[look]} ${SIZES[size]} ${extra}`
}

export function Button({ look, size, className, ...rest }: ComponentProps<'button'> & Look) {
  return <button type="button" className={buttonClass({ look, size }, className)} {...rest} />
}
