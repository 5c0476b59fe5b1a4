/** Says above a page's text what of it this lab cannot do, before a learner finds out by an error. */
import { Info } from 'lucide-react'

interface Props {
  /** Why the whole lesson can be read only; empty if it can be played. */
  readOnly: string
  /** What does not work on this page. */
  here: string[]
}

export function PageLimits({ readOnly, here }: Props) {
  if (readOnly === '' && here.length === 0) return null
  return (
    <aside aria-label="What does not work here" className="page-limits">
      <Info className="mt-1 size-4 shrink-0 text-warn" aria-hidden />
      <div className="min-w-0">
        {readOnly !== '' && (
          <p>
            <b>To be read only.</b> {readOnly} This lab has one machine with docker and runc, so most commands
            of the lesson do not work here.
          </p>
        )}
        {readOnly === '' && (
          <details>
            <summary>
              <b>Not all of this page works here</b>
            </summary>
            <ul>
              {here.map((each) => (
                <li key={each}>{each}</li>
              ))}
            </ul>
          </details>
        )}
      </div>
    </aside>
  )
}
