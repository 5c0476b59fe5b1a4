/** The lessons that a path on the command line means, each examined; one that cannot even be read is a lesson with a problem. */
import { statSync } from 'node:fs'
import path from 'node:path'
import { examine } from '../../server/lessons/examine/index.ts'
import { findLessons } from '../../server/lessons/find.ts'
import type { Lesson } from '../../server/lessons/lesson.ts'
import { loadFolder } from '../../server/lessons/load.ts'
import type { Problem } from '../../server/lessons/problems.ts'
import { lessonSlug } from '../../server/lessons/slug.ts'

export interface Examined {
  /** As the command line has it, with the way to the lesson behind it. */
  path: string
  title: string
  problems: Problem[]
  /** Null if it could not be read at all. */
  lesson: Lesson | null
  /** Where a lab has it that mounts the path on the command line, if no other lesson has that address. */
  address: string
  /** The path on the command line is no folder. */
  isNowhere?: true
}

/** One by one, because there may be thousands. A folder without any lesson is one that lacks its index.json. */
export function* examined(folders: string[]): Generator<Examined> {
  for (const folder of folders) {
    const missing = whyNot(folder)
    if (missing) {
      yield { ...unreadable(folder, missing), isNowhere: true }
      continue
    }
    const found = findLessons(folder)
    const own = path.basename(path.resolve(folder))
    if (found.length === 0) yield one(folder, folder, folder, own)
    for (const { dir, name } of found) {
      const [shown, called] = name === '.' ? [folder, own] : [path.join(folder, name), name]
      yield one(shown, dir, boundaryOf(folder, dir), called)
    }
  }
}

/** Pictures may lie beside a lesson that is examined alone, in the folder that it will be mounted with. */
function boundaryOf(folder: string, dir: string): string {
  return path.resolve(folder) === path.resolve(dir) ? path.dirname(path.resolve(folder)) : folder
}

function one(shown: string, dir: string, boundary: string, called: string): Examined {
  try {
    const lesson = loadFolder(dir, { boundary })
    const address = lessonSlug(called)
    return { path: shown, title: lesson.title, problems: examine(lesson), lesson, address }
  } catch (error) {
    return unreadable(shown, `The folder cannot be read: ${(error as Error).message}.`)
  }
}

const unreadable = (folder: string, message: string): Examined => ({
  path: folder,
  title: path.basename(folder),
  problems: [{ file: 'index.json', line: 1, code: 'index-unreadable', message }],
  lesson: null,
  address: '',
})

function whyNot(folder: string): string | null {
  try {
    return statSync(folder).isDirectory() ? null : `${folder} is not a folder.`
  } catch {
    return `There is no folder ${folder}.`
  }
}
