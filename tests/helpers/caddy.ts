/** Debian's Caddy with the documentation's Caddyfile, on a free port, with certificates of an authority of its own. */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import https from 'node:https'
import os from 'node:os'
import path from 'node:path'
import { ROOT } from './lab.ts'
import { until } from './until.ts'

/** Serves https://localhost:port for the lab at `main`, and its /evening for the one at `evening` (host:port each). */
export async function startCaddy(port: number, { main, evening }: { main: string; evening: string }) {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'caddy-'))
  const global = `{\n\tadmin off\n\tskip_install_trust\n\tauto_https disable_redirects\n\tdefault_bind 127.0.0.1\n\tstorage file_system ${dir}\n}\n`
  const site = fs
    .readFileSync(path.join(ROOT, 'docs/proxy/Caddyfile'), 'utf8')
    .replace('lab.example.org {', `https://localhost:${port} {`)
    // The second lab stands there as a comment.
    .replace(/^\t# {3}/gm, '\t')
    .replace('127.0.0.1:3000', main)
    .replace('127.0.0.1:3001', evening)
  fs.writeFileSync(path.join(dir, 'Caddyfile'), global + site)
  const child = spawn('caddy', ['run', '--config', path.join(dir, 'Caddyfile'), '--adapter', 'caddyfile'], {
    env: { PATH: process.env.PATH, HOME: dir } as unknown as NodeJS.ProcessEnv,
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (text) => {
    log += text
  })
  const stop = async () => {
    if (child.exitCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    fs.rmSync(dir, { recursive: true, force: true })
  }
  const answers = () =>
    new Promise<boolean>((resolve) => {
      https
        .get(`https://localhost:${port}/`, { family: 4, rejectUnauthorized: false }, (response) => {
          response.destroy()
          resolve(true)
        })
        .on('error', () => resolve(false))
    })
  try {
    await until('Caddy answers', () => {
      if (child.exitCode !== null) throw new Error(`Caddy ended: ${log}`)
      return answers()
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, log: () => log }
}
