/** Which addresses a terminal may lead to. Pure. */

const LONGEST = 2048

/** The address as it is opened, so that what is shown is where one gets; null for anything but http and https. */
export function webAddress(text: string): string | null {
  if (text.length > LONGEST || !URL.canParse(text)) return null
  const { protocol, href } = new URL(text)
  return protocol === 'http:' || protocol === 'https:' ? href : null
}
