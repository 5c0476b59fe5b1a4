/** The files that a learner takes along, as downloads. */
import { loadLesson } from '../../../../server/lessons/library.ts'
import { finishedFile, script } from '../../../../server/lessons/take-home.ts'

interface Props {
  params: Promise<{ lesson: string; file: string }>
}

export const dynamic = 'force-dynamic'

const TYPES: Record<string, string> = {
  'config.json': 'application/json; charset=utf-8',
  'course.sh': 'text/x-shellscript; charset=utf-8',
}

export async function GET(_request: Request, { params }: Props): Promise<Response> {
  const { lesson: slug, file } = await params
  const text = TYPES[file] ? content(slug, file) : null
  if (text === null) return new Response('There is no such file.\n', { status: 404 })
  return new Response(text, {
    headers: { 'Content-Type': TYPES[file]!, 'Content-Disposition': `attachment; filename="${file}"` },
  })
}

function content(slug: string, file: string): string | null {
  try {
    const lesson = loadLesson(slug)
    if (!lesson.takeHome) return null
    return file === 'config.json' ? finishedFile(lesson) : script(lesson)
  } catch {
    return null
  }
}
