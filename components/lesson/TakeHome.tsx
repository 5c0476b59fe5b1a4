/** What a learner can take along: files to download, and the lesson on paper. */
import { Download, Printer } from 'lucide-react'
import { buttonClass } from '../ui/Button.tsx'
import { withBase } from '../ui/base-path.ts'

export function TakeHome({ lesson }: { lesson: string }) {
  const look = buttonClass({}, 'no-underline! text-ink!')
  return (
    <p className="flex flex-wrap gap-2.5">
      <a className={look} href={withBase(`/take-home/${lesson}/config.json`)} download>
        <Download className="size-4" aria-hidden /> config.json
      </a>
      <a className={look} href={withBase(`/take-home/${lesson}/course.sh`)} download>
        <Download className="size-4" aria-hidden /> The script
      </a>
      <a className={look} href={withBase(`/print/${lesson}`)} target="_blank" rel="noopener">
        <Printer className="size-4" aria-hidden /> The lesson on paper
      </a>
    </p>
  )
}
