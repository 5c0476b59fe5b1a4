/** The document around every page. */
import './fonts.css'
import './globals.css'
import inter from '@fontsource-variable/inter/files/inter-latin-wght-normal.woff2'
import mono from '@fontsource-variable/jetbrains-mono/files/jetbrains-mono-latin-wght-normal.woff2'
import type { Metadata, Viewport } from 'next'
import type { ReactNode } from 'react'
import { preload } from 'react-dom'
import { FIRST_SCRIPT } from '../components/ui/first-script.ts'
import { siteOrigin } from '../server/lessons/site.ts'

const DESCRIPTION = 'Learn what a container is by writing its config.json and running it with real runC.'

export const metadata: Metadata = {
  // Previews elsewhere need whole addresses: those that the operator has told.
  metadataBase: new URL(siteOrigin()),
  title: { default: 'runC Lab', template: '%s · runC Lab' },
  description: DESCRIPTION,
  applicationName: 'runC Lab',
  openGraph: { type: 'website', siteName: 'runC Lab', description: DESCRIPTION },
  twitter: { card: 'summary_large_image' },
}

export const viewport: Viewport = {
  themeColor: [
    { media: '(prefers-color-scheme: light)', color: '#f4f5f7' },
    { media: '(prefers-color-scheme: dark)', color: '#0a0c10' },
  ],
}

export default function RootLayout({ children }: { children: ReactNode }) {
  for (const font of [inter, mono])
    preload(font, { as: 'font', type: 'font/woff2', crossOrigin: 'anonymous', fetchPriority: 'high' })
  return (
    // The script in <head> adds attributes to <html> before React sees it.
    <html lang="en" suppressHydrationWarning>
      <head>
        <script dangerouslySetInnerHTML={{ __html: FIRST_SCRIPT }} />
      </head>
      <body className="min-h-dvh bg-canvas font-sans text-ink antialiased">{children}</body>
    </html>
  )
}
