/** `npm start`: from a fresh checkout to a running lab. `npm run dev` (--dev) runs it from its sources. */
import { refuseKnownBad } from './doctor/exposure.mjs'
import { doctorLines, examine, placesFrom } from './doctor/report.mjs'
import { main } from './lib/refusal.mjs'
import { siteAddress } from './run/address.mjs'
import { labPrograms } from './run/programs.mjs'
import { supervise } from './run/supervise.mjs'
import { watchWebSources } from './run/watch.mjs'
import { loadEnvFile } from './setup/env-file.mjs'
import { setUp } from './setup/index.mjs'
import { portRefusal } from './setup/preflight.mjs'

const dev = process.argv.includes('--dev')

await main(async () => {
  // Before anything is fetched or built; and again with what only the image can tell.
  loadEnvFile()
  const places = placesFrom(process.env)
  refuseKnownBad(examine(places), places.exposure)
  const { config, env } = await setUp({ site: !dev })
  refuseKnownBad(examine(config), config.exposure)
  const code = await supervise({
    programs: labPrograms({ config, env, dev }),
    started: ([, web]) => {
      if (dev) watchWebSources(() => web.restart())
    },
    listening: (program, { url }) => {
      // A port that was picked is kept, so that open pages find the web process again after it was restarted.
      if (program.name === 'web' && url) program.env.PORT = new URL(url).port || '80'
    },
    ready: ({ web }) => {
      console.log(`\nrunC Lab is ready: ${siteAddress(config, web.url)}`)
      for (const line of doctorLines(config)) console.log(line)
    },
    stopping:
      config.onStop === 'keep' ? 'Stopping: the sandboxes are kept …' : 'Stopping: destroying sandboxes …',
    explain: (name, tail) => {
      const code = name === 'web' && /\b(EADDRINUSE|EADDRNOTAVAIL|EACCES)\b.*/.exec(tail)
      return code ? portRefusal(code[1], config.host, config.port) : undefined
    },
  })
  // A watcher or a half-closed pipe must not keep a stopped lab alive.
  process.exit(code)
})
