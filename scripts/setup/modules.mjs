/** Step 3: the npm packages, as package-lock.json has them, with node-pty compiled for this Node. */
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lastLines, run } from '../lib/command.mjs'
import { inRoot } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'
import { hashOf, readStamp, removeStamp, writeStamp } from '../lib/stamp.mjs'

const stamp = inRoot('node_modules', '.runc-lab-stamp')
const pty = inRoot('node_modules', 'node-pty', 'build', 'Release', 'pty.node')

const abi = () => `node${process.versions.modules}-${process.arch}`
const wanted = () => `${hashOf(['package-lock.json'])} ${abi()}`

export const modulesUpToDate = () => existsSync(pty) && readStamp(stamp) === wanted()

export async function installModules(say) {
  if (modulesUpToDate()) return 'up to date'
  removeStamp(stamp)
  const result = await npm('ci', say)
  if (result.code !== 0) {
    throw new Refusal(
      `npm could not install the packages (${result.how}).`,
      'If the network was the reason, start again: what was fetched is kept. Otherwise the lines above say why.',
      // npm closes with its manual page when the lock is at fault.
      lastLines(result.output.split('npm error Clean install a project')[0]),
    )
  }
  if (!existsSync(pty)) {
    throw new Refusal(
      'npm ended well, but node-pty was not compiled (node_modules/node-pty/build/Release/pty.node is missing).',
      'Scripts may be switched off: run `npm config get ignore-scripts`, set it to false, and start again.',
      lastLines(result.output, 10),
    )
  }
  writeStamp(stamp, wanted())
}

function npm(command, say) {
  say(`npm ${command}`)
  // The npm that called us, or else the one in PATH.
  const caller = process.env.npm_execpath
  const [program, ...first] = caller?.endsWith('npm-cli.js') ? [process.execPath, caller] : ['npm']
  return run(program, [...first, command, '--include=dev', '--no-audit', '--no-fund'], {
    env: { ...process.env, ...nodeHeaders(), NODE_ENV: 'development' },
    onLine: (line) => /^npm (warn|notice)/.test(line) || say(`npm ${command} ${line.trim().slice(0, 60)}`),
  })
}

/** node-gyp downloads Node's headers, unless it is told that they are on this machine already. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath))
  // Of a Node that was unpacked or installed somewhere, and of npm's package `node`.
  const places = [prefix, join(prefix, 'node_modules', `node-linux-${process.arch}`)]
  const place = places.find((dir) => existsSync(join(dir, 'include', 'node', 'node.h')))
  return place ? { npm_config_nodedir: place } : {}
}
