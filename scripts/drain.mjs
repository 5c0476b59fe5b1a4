/** `npm run -s drain`: a stop that lets learners finish. --minutes=N, --cancel, --status, --no-wait. */
import { existsSync } from 'node:fs'
import http from 'node:http'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { main, Refusal } from './lib/refusal.mjs'
import { readConfig } from './setup/configuration.mjs'
import { loadEnvFile } from './setup/env-file.mjs'
import { checkNode } from './setup/preflight.mjs'

const LOOK_MS = 2000

await main(async () => {
  checkNode()
  const { values } = options()
  if (values.minutes !== undefined && !/^\d+(\.\d+)?$/.test(values.minutes))
    throw new Refusal('--minutes must be a number.', 'For example: npm run -s drain -- --minutes=20')
  loadEnvFile()
  const { runDir, name } = await readConfig()
  const ask = (method, query = '') => askControl(join(runDir, 'control.sock'), method, query, name)
  if (values.status) return console.log(words(await ask('GET')))
  if (values.cancel) {
    const { leftMs } = await ask('GET')
    if (leftMs === null) return console.log('There is no drain.')
    await ask('DELETE')
    return console.log('Cancelled: the lab goes on, and lets learners in again.')
  }
  console.log(words(await ask('POST', values.minutes === undefined ? '' : `?minutes=${values.minutes}`)))
  if (values['no-wait']) return
  console.log(
    'The lab stops at the end. Ctrl-C stops only this watching; npm run -s drain -- --cancel the drain.',
  )
  await follow(ask)
})

function options() {
  try {
    return parseArgs({
      options: {
        minutes: { type: 'string' },
        cancel: { type: 'boolean' },
        status: { type: 'boolean' },
        'no-wait': { type: 'boolean' },
      },
    })
  } catch (error) {
    throw new Refusal(error.message, 'There are --minutes=N, --cancel, --status and --no-wait.')
  }
}

/** Tells what changes until the lab has stopped. */
async function follow(ask) {
  let said = ''
  for (;;) {
    await sleep(LOOK_MS)
    const state = await ask('GET').catch(() => null)
    if (!state) return console.log('The lab has stopped.')
    if (state.leftMs === null) return console.log('The drain was cancelled.')
    const now = words(state)
    if (now !== said) console.log(now)
    said = now
  }
}

function words({ leftMs, learners, waiting }) {
  const who = `${learners} ${learners === 1 ? 'learner has' : 'learners have'} a sandbox`
  const others = waiting > 0 ? `, ${waiting} wait in vain` : ''
  if (leftMs === null) return `No drain. ${who}.`
  const minutes = Math.ceil(leftMs / 60_000)
  const left =
    leftMs === 0
      ? 'their time is over'
      : `for at most ${minutes} more ${minutes === 1 ? 'minute' : 'minutes'}`
  return `Draining: ${who}, ${left}${others}.`
}

/** What the host process answers. Throws a Refusal if there is none. */
function askControl(socketPath, method, query, name) {
  const nobody = () =>
    new Refusal(
      `No lab called ${name} is running here, or you are not root.`,
      `It would answer at ${socketPath}. LAB_NAME and LAB_RUN_DIR say which lab is meant.`,
    )
  if (!existsSync(socketPath)) return Promise.reject(nobody())
  return new Promise((resolve, reject) => {
    const request = http.request({ socketPath, path: `/drain${query}`, method, agent: false }, (response) => {
      let text = ''
      response.setEncoding('utf8').on('data', (chunk) => {
        text += chunk
      })
      response.on('error', () => reject(nobody()))
      response.on('end', () => {
        const body = JSON.parse(text)
        if (response.statusCode === 200) resolve(body)
        else reject(new Refusal(body.error))
      })
    })
    request.on('error', () => reject(nobody()))
    request.end()
  })
}
