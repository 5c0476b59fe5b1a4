/** The web process: unprivileged, faces the network, may die at any time. */
import fs from 'node:fs'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import next from 'next'
import { ConfigError, parseConfig } from '../config.ts'
import { lessonAt, listLessons, loadLesson } from '../lessons/library.ts'
import { createLog } from '../log.ts'
import { DEFAULT_TIER, type Tier } from '../protocol/index.ts'
import { createWebServer } from './create-web-server.ts'
import { headers } from './headers.ts'
import { hostHealth } from './host-process.ts'
import { Identity } from './identity.ts'
import { readInlineScripts } from './inline-scripts.ts'
import { KeptPages, type Render } from './kept-pages.ts'
import { assetMessages, stepMessages } from './lesson-source.ts'
import { readSecret } from './secret.ts'
import { visitors } from './visitor.ts'
import { warmUp } from './warm-up.ts'

async function main(): Promise<void> {
  const config = parseConfig(process.env)
  const log = createLog('web', config.logLevel)
  const secret = readSecret(process.env.LAB_WEB_SECRET_FILE)
  // Somebody who knows it is every learner; the environment is inherited by whatever is started from here.
  delete process.env.LAB_WEB_SECRET_FILE

  if (!process.env.LAB_DEV) checkBasePath(config.basePath)
  const site = next({
    dev: Boolean(process.env.LAB_DEV),
    dir: process.cwd(),
    hostname: config.host,
    port: config.port,
  })
  await site.prepare()
  const handle = site.getRequestHandler()
  const render: Render = (request, response) => void handle(request, response)
  const lessons = { list: listLessons, at: lessonAt }
  const kept = new KeptPages({ render, basePath: config.basePath, lessons })
  const { frameAncestors } = config
  const socketPath = path.join(config.runDir, 'host.sock')
  const server = createWebServer({
    identity: new Identity({
      name: config.name,
      secret,
      embedded: frameAncestors.some((ancestor) => ancestor !== 'none'),
    }),
    visitorOf: visitors(config.trustedProxies),
    setHeaders: headers({
      frameAncestors,
      inlineScripts: process.env.LAB_DEV ? null : readInlineScripts(path.join(process.cwd(), '.next')),
    }),
    origins: config.origins,
    basePath: config.basePath,
    creationsPerMinute: config.creationsPerMinute,
    messagesPerSecond: config.messagesPerSecond,
    socketPath,
    stepMessages,
    assetMessages,
    findTier,
    // Authors see each change at once.
    pages: process.env.LAB_DEV || process.env.LAB_PREVIEW ? render : kept.answer,
    upgrade: process.env.LAB_DEV ? site.getUpgradeHandler() : undefined,
    log,
  })
  server.listen(config.port, config.host, () => {
    const { port } = server.address() as AddressInfo
    const host = config.host === '127.0.0.1' || config.host === '::1' ? 'localhost' : config.host
    log.debug({ port }, 'listening')
    void hostHealth(socketPath).then(({ problem }) => problem?.includes('version') && log.error(problem))
    process.send?.({ type: 'listening', url: `http://${host.includes(':') ? `[${host}]` : host}:${port}` })
    if (!process.env.LAB_DEV) void warmUp(server, config.basePath)
  })
  server.on('error', (error) => {
    console.error(`Cannot listen on ${config.host}:${config.port}: ${error.message}`)
    process.exit(1)
  })

  const stop = () => {
    server.close()
    process.exit(0)
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  process.on('disconnect', stop)
  process.on('message', (message) => message === 'restart' && stop())
}

/** The base path is part of the built site. Throws ConfigError if the site was built for another one. */
function checkBasePath(wanted: string): void {
  const file = path.join(process.cwd(), '.next', 'required-server-files.json')
  const built: string = JSON.parse(fs.readFileSync(file, 'utf8')).config.basePath
  if (built === wanted) return
  throw new ConfigError(
    `LAB_BASE_PATH=${wanted}: this site was built for ${built ? `LAB_BASE_PATH=${built}` : 'no base path'}. Run: LAB_BASE_PATH=${wanted} npm run build   (a container image takes it as a build argument).`,
  )
}

/** What the lesson asks for; for one that is not there the default, so that its page can say so. */
function findTier(lesson: string): Tier {
  try {
    return loadLesson(lesson).tier
  } catch {
    return DEFAULT_TIER
  }
}

main().catch((error: Error) => {
  console.error(error instanceof ConfigError ? error.message : error.stack)
  process.exit(1)
})
