'use client'
/** For a page that broke while it was shown. The sandbox is not affected. */
import { Stumbled } from '../components/ui/Stumbled.tsx'

export default function PageError(props: { error: Error & { digest?: string }; reset: () => void }) {
  return (
    <main className="grid min-h-dvh">
      <Stumbled {...props} />
    </main>
  )
}
