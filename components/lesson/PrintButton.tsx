'use client'
/** Opens the browser's print dialog; not on paper itself. */
import { Printer } from 'lucide-react'
import { Button } from '../ui/Button.tsx'

export function PrintButton() {
  return (
    <Button className="needs-js" onClick={() => window.print()}>
      <Printer className="size-4" aria-hidden /> Print, or save as PDF
    </Button>
  )
}
