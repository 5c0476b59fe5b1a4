/** What the host process and its thread of screens tell each other. */

export type ToScreens =
  | { type: 'open'; screen: number; cols: number; rows: number }
  | { type: 'feed'; screen: number; bytes: Uint8Array }
  | { type: 'resize'; screen: number; cols: number; rows: number }
  | { type: 'snapshot'; screen: number; request: number; notice: string }
  | { type: 'close'; screen: number }

export type FromScreens =
  | { type: 'fed'; screen: number; bytes: number }
  /** Null if the screen was given up. */
  | { type: 'snapshot'; request: number; bytes: Uint8Array | null }
