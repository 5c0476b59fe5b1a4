/** Home: what this is, the way in, and what there is to learn. */
import { Check } from 'lucide-react'
import { CourseOutline } from '../components/lesson/CourseOutline.tsx'
import { type LessonRow, LessonRows } from '../components/lesson/LessonRows.tsx'
import { StartButton } from '../components/lesson/StartButton.tsx'
import { Logo } from '../components/ui/Logo.tsx'
import { ThemeSwitch } from '../components/ui/ThemeSwitch.tsx'
import type { Lesson } from '../server/lessons/lesson.ts'
import { listLessons } from '../server/lessons/library.ts'
import { isReadOnly } from '../server/lessons/limits.ts'
import { renderCode } from './lesson-text/render.tsx'

const POINTS = [
  ['Read', 'Short lessons, one idea at a time. You guess first, then run it and see.'],
  ['Edit', 'The container’s config.json is open beside the text. Change a line and watch what follows.'],
  ['Run', 'Real docker and real runc, as root, in a sandbox of your own. Break it; the next one is fresh.'],
  ['See', 'A lens shows what the kernel has made of each line: namespaces, limits, mounts, capabilities.'],
]

const CONFIG = `{
  "process": {
    "args": [
      "sh", "-c",
      "echo Hello from $(hostname)"
    ]
  },
  "hostname": "mycontainer"
}`

const SESSION = [
  ['# ', 'ls'],
  ['', 'config.json  rootfs'],
  ['# ', 'runc run demo'],
  ['', 'Hello from mycontainer'],
]

/** A line of config.json, and what the kernel says of it. */
const FACTS = [
  ['hostname', 'mycontainer'],
  ['namespaces: pid', 'sh is process 1 of its own'],
]

export const dynamic = 'force-dynamic'

export default function Home() {
  const lessons = listLessons()
  const [first] = lessons
  return (
    <div className="mx-auto flex min-h-dvh max-w-6xl flex-col px-5 sm:px-8">
      <header className="flex items-center justify-between py-5">
        <span className="flex items-center gap-2.5 font-semibold tracking-tight">
          <Logo /> runC Lab
        </span>
        <ThemeSwitch />
      </header>
      <main className="flex-1">
        <section className="grid items-center gap-x-16 gap-y-12 py-12 sm:py-16 lg:grid-cols-[1.05fr_1fr]">
          <div>
            <h1 className="text-[2.5rem] leading-[1.08] font-semibold tracking-[-0.03em] text-balance sm:text-[3.25rem]">
              Build a container with your own hands
            </h1>
            <p className="mt-6 max-w-[34rem] text-lg leading-relaxed text-pretty text-muted">
              A container is a folder of files and one JSON file. Write that file, hand it to runC, and see
              what the kernel makes of it, on a Linux machine that is yours for as long as you need it.
            </p>
            {first && (
              <div className="mt-9 flex flex-wrap items-center gap-x-5 gap-y-3">
                <StartButton lesson={first.slug} steps={first.steps.map(({ slug }) => ({ slug }))} />
                <span className="text-sm text-muted">No account, nothing to install</span>
              </div>
            )}
          </div>
          <Preview />
        </section>
        <section
          aria-label="How it works"
          className="grid gap-8 border-y border-line py-10 sm:grid-cols-2 lg:grid-cols-4"
        >
          {POINTS.map(([title, text]) => (
            <div key={title}>
              <h2 className="font-semibold">{title}</h2>
              <p className="mt-1.5 leading-relaxed text-pretty text-muted">{text}</p>
            </div>
          ))}
        </section>
        <section aria-label="Lessons" className="grid gap-8 py-14">
          {lessons.slice(0, 1).map((lesson) => (
            <article key={lesson.slug} className="overflow-hidden rounded-2xl border border-line bg-surface">
              <div className="px-5 pt-6 pb-6 sm:px-7 sm:pt-8">
                <p className="text-sm text-muted">{factsOf(lesson).join(' · ')}</p>
                <h2 className="mt-2 text-2xl font-semibold tracking-tight text-balance">{lesson.title}</h2>
                <p className="mt-2 max-w-[42rem] leading-relaxed text-pretty text-muted">
                  {lesson.description}
                </p>
              </div>
              <CourseOutline
                lesson={lesson.slug}
                steps={lesson.steps.map(({ slug, title }) => ({ slug, title }))}
                chapters={lesson.chapters}
              />
            </article>
          ))}
          <LessonRows courses={coursesOf(lessons.slice(1))} />
        </section>
      </main>
      <footer className="border-t border-line py-6 text-sm text-muted">
        runC Lab is open source under the Apache License 2.0.
      </footer>
    </div>
  )
}

const factsOf = ({ difficulty, time, steps }: Lesson) =>
  [difficulty, time, `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`].filter(Boolean)

/** In the order of their first lessons; lessons of no course stand together. */
function coursesOf(lessons: readonly Lesson[]): { title: string; lessons: LessonRow[] }[] {
  const courses = new Map<string, LessonRow[]>()
  for (const lesson of lessons) {
    const { slug, title, description, steps, course } = lesson
    const rows = courses.get(course) ?? []
    courses.set(course, rows)
    rows.push({
      slug,
      title,
      description,
      facts: factsOf(lesson),
      steps: steps.map((step) => step.slug),
      readOnly: isReadOnly(lesson),
    })
  }
  return [...courses].map(([title, rows]) => ({ title, lessons: rows }))
}

/** The end of the first lesson at a glance: what one writes, and what comes of it. */
function Preview() {
  return (
    <div
      aria-hidden="true"
      className="overflow-hidden rounded-2xl border border-line bg-surface shadow-xl shadow-black/5"
    >
      <p className="border-b border-line px-5 py-3 font-mono text-xs text-muted">config.json</p>
      <pre className="overflow-hidden px-5 py-4 font-mono text-[0.8125rem] leading-relaxed text-[var(--code-foreground)]">
        {renderCode(CONFIG, 'json')}
      </pre>
      <pre className="overflow-hidden bg-term-bg px-5 py-4 font-mono text-[0.8125rem] leading-relaxed text-term-fg">
        {SESSION.map(([prompt, text]) => (
          <div key={text}>
            <span className="opacity-60">{prompt}</span>
            {text}
          </div>
        ))}
      </pre>
      <div className="border-t border-line px-5 py-3">
        <p className="text-xs font-medium text-muted">Lens: what the kernel made of it</p>
        <ul className="mt-2 grid gap-1.5 text-[0.8125rem]">
          {FACTS.map(([field, fact]) => (
            <li key={field} className="flex items-center gap-2">
              <Check className="size-3.5 shrink-0 text-good" strokeWidth={3} />
              <code className="text-[var(--code-token-keyword)]">{field}</code>
              <span className="min-w-0 truncate text-muted">{fact}</span>
            </li>
          ))}
        </ul>
      </div>
    </div>
  )
}
