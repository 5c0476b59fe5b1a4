/** A small internet for tests: a host that a lab can run on, and behind its cable servers at public, private and other addresses. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { selfSigned } from './nginx.ts'
import { until } from './until.ts'

export const HOST = '93.184.216.2'
export const SITE = '93.184.216.34'
export const OTHER_SITE = '93.184.215.14'
export const NAMES = { 'get.docker.com': SITE, 'other.example': OTHER_SITE, 'inside.example': '10.9.8.7' }
const RESOLVER = '8.8.4.4'
export const PRIVATE = [
  '10.9.8.7',
  '192.168.7.7',
  '172.20.0.7',
  '169.254.169.254',
  '100.99.0.1',
  '198.18.0.7',
]
const PORTS = [25, 53, 80, 587, 5000]

/** Of the site, signed by itself: whoever is to believe it has to be told. */
const TLS_PORT = 443

/** Answers every connection with where it came to, and `GET /big` with a megabyte. Prints a line for each. */
const server = (ports: number[], { cert, key }: { cert: string; key: string }) => `
const fs = require('node:fs'), http = require('node:http'), https = require('node:https')
const answer = (port) => (request, response) => {
  console.log(request.socket.localAddress + ':' + port)
  if (request.url === '/big') return response.end(Buffer.alloc(1e6))
  if (request.url === '/wait') return response.write('waiting')
  response.end('reached ' + request.socket.localAddress + ':' + port)
}
for (const port of ${JSON.stringify(ports)}) http.createServer(answer(port)).listen(port, '0.0.0.0')
const secret = { cert: fs.readFileSync(${JSON.stringify(cert)}), key: fs.readFileSync(${JSON.stringify(key)}) }
https.createServer(secret, answer(${TLS_PORT})).listen(${TLS_PORT}, '0.0.0.0')
console.log('ready')
`

const ip = (...args: string[]) => execFileSync('ip', args, { stdio: ['ignore', 'pipe', 'pipe'] })

export class Internet {
  readonly #host: string
  readonly #world: string
  readonly #dir: string
  readonly #children: ChildProcess[] = []
  #visits = ''

  private constructor(name: string) {
    this.#host = `${name}-host`
    this.#world = `${name}-world`
    this.#dir = fs.mkdtempSync(path.join(os.tmpdir(), `${name}-`))
  }

  static async start(): Promise<Internet> {
    const net = new Internet(`net-${process.pid}`)
    try {
      await net.#start()
    } catch (error) {
      net.stop()
      throw error
    }
    return net
  }

  /** What to put before a command, so that it runs on the host. */
  get onHost(): string[] {
    const mount = `mount --bind ${this.#dir}/resolv.conf /etc/resolv.conf; exec "$@"`
    return ['nsenter', `--net=/run/netns/${this.#host}`, 'unshare', '--mount', '/bin/sh', '-c', mount, 'sh']
  }

  /** `address:port` of each request that has arrived anywhere, the host's own servers included. */
  get visits(): string[] {
    return this.#visits.split('\n').filter((line) => line.includes(':'))
  }

  /** What a machine has to believe, so that it takes https://get.docker.com here for real. */
  get certificate(): string {
    return fs.readFileSync(path.join(this.#dir, 'cert.pem'), 'utf8')
  }

  stop(): void {
    for (const child of this.#children) child.kill('SIGKILL')
    for (const space of [this.#host, this.#world]) {
      try {
        ip('netns', 'delete', space)
      } catch {
        // It was never made.
      }
    }
    fs.rmSync(this.#dir, { recursive: true, force: true })
  }

  async #start(): Promise<void> {
    const [host, world] = [this.#host, this.#world]
    ip('netns', 'add', host)
    ip('netns', 'add', world)
    ip('link', 'add', 'cable', 'netns', host, 'type', 'veth', 'peer', 'name', 'cable', 'netns', world)
    ip('-n', host, 'address', 'add', `${HOST}/24`, 'dev', 'cable')
    for (const address of ['93.184.216.1/24', SITE, OTHER_SITE, RESOLVER, ...PRIVATE])
      ip('-n', world, 'address', 'add', address, 'dev', 'cable')
    for (const space of [host, world])
      for (const device of ['lo', 'cable']) ip('-n', space, 'link', 'set', device, 'up')
    ip('-n', host, 'route', 'add', 'default', 'via', '93.184.216.1')
    fs.writeFileSync(path.join(this.#dir, 'resolv.conf'), `nameserver ${RESOLVER}\n`)
    const names = Object.entries(NAMES).map(([name, address]) => `--address=/${name}/${address}`)
    this.#spawn(world, 'dnsmasq', [
      '-k',
      '-C',
      '/dev/null',
      '-x',
      '',
      '-R',
      '-h',
      '-z',
      '-a',
      RESOLVER,
      ...names,
    ])
    const pair = selfSigned(this.#dir, 'get.docker.com')
    this.#spawn(world, process.execPath, [
      '-e',
      server(
        PORTS.filter((port) => port !== 53),
        pair,
      ),
    ])
    this.#spawn(host, process.execPath, ['-e', server(PORTS, pair)])
    await until('both servers listen', () => this.#visits.split('ready').length === 3)
  }

  #spawn(space: string, file: string, args: string[]): void {
    const child = spawn('nsenter', [`--net=/run/netns/${space}`, file, ...args], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    child.stdout!.on('data', (chunk) => {
      this.#visits += chunk
    })
    this.#children.push(child)
  }
}
