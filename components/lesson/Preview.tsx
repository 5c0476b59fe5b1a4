'use client'
/** For authors: shows the page anew whenever the lesson was saved, and what is wrong with it. */
import { CircleAlert, CircleCheck } from 'lucide-react'
import { useRouter } from 'next/navigation'
import { useEffect, useRef, useState } from 'react'
import { withBase } from '../ui/base-path.ts'

interface Problem {
  file: string
  line: number
  code: string
  message: string
  isMistake: boolean
}

interface Props {
  lesson: string
  /** Of what the page was made from. */
  version: string
}

export function Preview({ lesson, version }: Props) {
  const router = useRouter()
  const shown = useRef(version)
  useEffect(() => {
    shown.current = version
  }, [version])
  /** Null while index.json cannot be read. */
  const [problems, setProblems] = useState<Problem[] | null>([])
  useEffect(() => {
    const source = new EventSource(withBase(`/api/lesson-changes?lesson=${encodeURIComponent(lesson)}`))
    source.onmessage = ({ data }) => {
      const { problems: found, version: newest } = JSON.parse(data)
      setProblems(found)
      // Also the first one may tell of something that was saved after the page was made. A lesson that cannot be read has
      // no page.
      if (found && newest !== shown.current) router.refresh()
    }
    return () => source.close()
  }, [lesson, router])

  const mistakes = problems?.filter(({ isMistake }) => isMistake).length ?? 1
  return (
    <details className="preview">
      <summary>
        {mistakes > 0 ? (
          <CircleAlert className="size-4 text-bad" aria-hidden />
        ) : (
          <CircleCheck className="size-4 text-good" aria-hidden />
        )}
        Preview:{' '}
        {problems === null
          ? 'index.json cannot be read'
          : problems.length === 0
            ? 'nothing to mend'
            : `${counted(mistakes, 'mistake')}, ${counted(problems.length - mistakes, 'note')}`}
      </summary>
      <ul>
        {problems?.map(({ file, line, code, message }) => (
          <li key={`${file}:${line} ${code} ${message}`}>
            <code>
              {file}:{line}
            </code>{' '}
            {message}
          </li>
        ))}
      </ul>
    </details>
  )
}

const counted = (count: number, what: string) => `${count} ${what}${count === 1 ? '' : 's'}`
