/** The pages of a lesson as its navigation sees them. */

export interface PageLink {
  slug: string
  title: string
  /** Steps are counted; an introduction, a challenge and the like stand beside them. */
  isStep: boolean
  /** False for a page without a check, which is done once it has been opened. */
  checked: boolean
}

export interface LessonLinks {
  slug: string
  title: string
  pages: PageLink[]
  /** Opened in the editor with the lesson. */
  files: string[]
  /** There is a page of its terms. */
  glossary: boolean
  /** Chapters with the addresses of their steps; empty if the lesson has none. */
  chapters: { title: string; steps: string[] }[]
}
