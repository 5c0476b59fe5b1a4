/** The last minute of one number as a line, with its limit. */

interface Props {
  /** Seconds ago and value, oldest first. */
  points: readonly (readonly [ago: number, value: number])[]
  /** Null: none. */
  limit: number | null
  label: string
}

const WIDTH = 300
const HEIGHT = 48
const SECONDS = 60

export function Sparkline({ points, limit, label }: Props) {
  const highest = Math.max(limit ?? 0, ...points.map(([, value]) => value)) * 1.1 || 1
  const x = (ago: number) => WIDTH - (ago / SECONDS) * WIDTH
  const y = (value: number) => HEIGHT - 2 - (value / highest) * (HEIGHT - 4)
  const line = points.map(([ago, value]) => `${x(ago).toFixed(1)},${y(value).toFixed(1)}`).join(' ')
  const first = points[0]
  return (
    <svg
      viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={label}
      className="h-12 w-full"
    >
      {first && points.length > 1 && (
        <polygon
          points={`${x(first[0]).toFixed(1)},${HEIGHT} ${line} ${WIDTH},${HEIGHT}`}
          className="fill-accent-soft"
        />
      )}
      {limit !== null && (
        <line
          x1="0"
          x2={WIDTH}
          y1={y(limit)}
          y2={y(limit)}
          className="stroke-bad"
          strokeDasharray="4 3"
          vectorEffect="non-scaling-stroke"
        />
      )}
      <polyline
        points={line}
        fill="none"
        className="stroke-accent"
        strokeWidth="1.5"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  )
}
