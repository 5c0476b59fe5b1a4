/** /robots.txt: lessons are for everybody; the API is for the pages alone. */
import type { MetadataRoute } from 'next'
import { withBase } from '../components/ui/base-path.ts'
import { siteOrigin } from '../server/lessons/site.ts'

export const dynamic = 'force-dynamic'

export default function robots(): MetadataRoute.Robots {
  return {
    rules: { userAgent: '*', disallow: withBase('/api/') },
    sitemap: `${siteOrigin()}${withBase('/sitemap.xml')}`,
  }
}
