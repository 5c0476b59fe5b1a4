/** The mark of the lab: a box within a box, and a prompt in it. */
export function Logo({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true" fill="none">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <g className="stroke-accent-ink" strokeWidth="2.4" strokeLinecap="round" strokeLinejoin="round">
        <path d="M12 7.5H9A1.5 1.5 0 0 0 7.5 9v14A1.5 1.5 0 0 0 9 24.5h3M20 7.5h3A1.5 1.5 0 0 1 24.5 9v14a1.5 1.5 0 0 1-1.5 1.5h-3" />
        <path d="m12.5 12.5 3.5 3.5-3.5 3.5M18 19.5h2" />
      </g>
    </svg>
  )
}
