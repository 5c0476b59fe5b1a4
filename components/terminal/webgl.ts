/** Draws a terminal on the graphics card: where there is one, and as long as the browser leaves it to us. */
import type { Terminal } from '@xterm/xterm'

/** Software that pretends to be a graphics card is three times slower than the browser's own text. */
export function isSoftware(renderer: string): boolean {
  return /swiftshader|llvmpipe|softpipe|software|basic render|lavapipe/i.test(renderer)
}

let hardware: boolean | null = null

/** Asked once for each page: a context is dear. */
function hasHardware(): boolean {
  if (hardware !== null) return hardware
  const gl = document.createElement('canvas').getContext('webgl2', { failIfMajorPerformanceCaveat: true })
  const info = gl?.getExtension('WEBGL_debug_renderer_info')
  // Without a name it may be anything: then the browser's own text.
  const renderer = gl && info ? String(gl.getParameter(info.UNMASKED_RENDERER_WEBGL)) : ''
  hardware = renderer !== '' && !isSoftware(renderer)
  gl?.getExtension('WEBGL_lose_context')?.loseContext()
  return hardware
}

/** Once the page has come to rest. Returns how to go back to the browser's own text. */
export function drawByHardware(terminal: Terminal): () => void {
  let addon: { dispose(): void } | null = null
  let isOver = false
  const stop = () => {
    isOver = true
    addon?.dispose()
    addon = null
  }
  const start = async () => {
    if (isOver || !hasHardware()) return
    const { WebglAddon } = await import('@xterm/addon-webgl')
    if (isOver) return
    try {
      const webgl = new WebglAddon()
      // The browser takes contexts away, the oldest first. The terminal then draws as it did before.
      webgl.onContextLoss(stop)
      terminal.loadAddon(webgl)
      addon = webgl
    } catch {
      // It was promised and is not there: the terminal draws as it did before.
      isOver = true
    }
  }
  const idle = window.requestIdleCallback ?? ((callback: () => void) => setTimeout(callback, 200))
  idle(() => void start())
  return stop
}
