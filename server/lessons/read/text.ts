/** Bytes of a lesson's file as text: UTF-8, or what authors' editors wrote instead; lines end as Unix ends them. */

export interface Decoded {
  text: string
  /** What was not as it should be, in words; null if the file is UTF-8. */
  encoding: string | null
}

/** Never fails: a byte that means nothing becomes what Windows would have shown for it. */
export function decode(bytes: Uint8Array): Decoded {
  const { text, encoding } = decodeRaw(bytes)
  // bash stumbles over carriage returns, JSON over a byte order mark.
  return { text: text.replace(/^\uFEFF/, '').replace(/\r\n?/g, '\n'), encoding }
}

function decodeRaw(bytes: Uint8Array): Decoded {
  const [a, b] = bytes
  if (a === 0xff && b === 0xfe) return { text: new TextDecoder('utf-16le').decode(bytes), encoding: 'UTF-16' }
  if (a === 0xfe && b === 0xff) return { text: new TextDecoder('utf-16be').decode(bytes), encoding: 'UTF-16' }
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(bytes), encoding: null }
  } catch {
    return {
      text: new TextDecoder('windows-1252').decode(bytes),
      encoding: 'not UTF-8 (read as Windows-1252)',
    }
  }
}
