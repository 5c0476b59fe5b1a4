/** Debian's nginx with a configuration of the documentation, on free ports and in a folder of its own. */
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { until } from './until.ts'

/** A certificate for this name that signs itself. Returns the paths of certificate and key. */
export function selfSigned(dir: string, name: string): { cert: string; key: string } {
  const [cert, key] = [path.join(dir, 'cert.pem'), path.join(dir, 'key.pem')]
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`]
  const output = ['-nodes', '-days', '2', '-keyout', key, '-out', cert]
  execFileSync(
    'openssl',
    ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', ...output, ...subject],
    { stdio: 'pipe' },
  )
  return { cert, key }
}

/** A TCP port that nobody listens on. */
export async function freePort(): Promise<number> {
  const server = net.createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as net.AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

/** Starts nginx with `servers` inside its http block. `stop` ends it and removes its folder. */
export async function startNginx(
  servers: (dir: string) => string,
  port: number,
): Promise<{ stop: () => Promise<void>; log: () => string }> {
  const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'nginx-'))
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${dir}/${name};`,
  )
  const conf = `daemon off; user root; worker_processes 1; pid ${dir}/pid; error_log ${dir}/error.log;
events { worker_connections 512; }
http { access_log off; ${temporary.join(' ')}
${servers(dir)}
}`
  fs.writeFileSync(path.join(dir, 'nginx.conf'), conf)
  const child = spawn(
    '/usr/sbin/nginx',
    ['-p', dir, '-c', path.join(dir, 'nginx.conf'), '-e', `${dir}/error.log`],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  )
  let said = ''
  child.stderr.on('data', (text) => {
    said += text
  })
  const log = () =>
    said + (fs.existsSync(`${dir}/error.log`) ? fs.readFileSync(`${dir}/error.log`, 'utf8') : '')
  const answers = () =>
    new Promise<boolean>((resolve) => {
      const probe = net.connect(port, '127.0.0.1', () => {
        probe.destroy()
        resolve(true)
      })
      probe.on('error', () => resolve(false))
    })
  const stop = async () => {
    if (child.exitCode === null) {
      const gone = once(child, 'exit')
      child.kill('SIGTERM')
      await gone
    }
    fs.rmSync(dir, { recursive: true, force: true })
  }
  try {
    await until('nginx answers', () => {
      if (child.exitCode !== null) throw new Error(`nginx ended: ${log()}`)
      return answers()
    })
  } catch (error) {
    await stop()
    throw error
  }
  return { stop, log }
}
