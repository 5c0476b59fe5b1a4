/** The address to tell people, from what the lab listens on. */

export function siteAddress(config, url) {
  const port = url ? new URL(url).port || '80' : String(config.port)
  const everywhere = ['127.0.0.1', '::1', '0.0.0.0', '::', 'localhost'].includes(config.host)
  const host = everywhere ? 'localhost' : config.host.includes(':') ? `[${config.host}]` : config.host
  return `http://${host}${port === '80' ? '' : `:${port}`}`
}
