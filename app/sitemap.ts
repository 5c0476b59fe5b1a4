/** /sitemap.xml: the home page and every page of every lesson there is now. */
import type { MetadataRoute } from 'next'
import { withBase } from '../components/ui/base-path.ts'
import { pagesOf } from '../server/lessons/lesson.ts'
import { listLessons } from '../server/lessons/library.ts'
import { siteOrigin } from '../server/lessons/site.ts'

export const dynamic = 'force-dynamic'

export default function sitemap(): MetadataRoute.Sitemap {
  const pages = listLessons().flatMap((lesson) =>
    pagesOf(lesson).map(({ slug }) => `/lessons/${lesson.slug}/${slug}`),
  )
  return ['/', ...pages].map((path) => ({ url: `${siteOrigin()}${withBase(path)}` }))
}
