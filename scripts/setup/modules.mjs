/** Step 3: the npm packages, as package-lock.json has them, with node-pty compiled for this Node. */
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { lastLines, run } from '../lib/command.mjs'
import { inRoot } from '../lib/paths.mjs'
import { Refusal } from '../lib/refusal.mjs'
import { hashOf, readStamp, removeStamp, writeStamp } from '../lib/stamp.mjs'

const stamp = inRoot('node_modules', '.runc-lab-stamp')
const pty = inRoot('node_modules', 'node-pty', 'build', 'Release', 'pty.node')

const abi = () => `node${process.versions.modules}-${process.arch}`
const wanted = () => `${hashOf(['package-lock.json'])} ${abi()}`

export function modulesUpToDate() {
  if (!existsSync(pty)) return false
  const found = readStamp(stamp)
  if (found === wanted()) return true
  // Somebody ran `npm install` by hand. What is there may be just what the lock asks for: keep it then.
  if ((found === '' || found.endsWith(` ${abi()}`)) && installedMatchesLock()) {
    writeStamp(stamp, wanted())
    return true
  }
  return false
}

/** npm writes its own list of what it installed when it has finished. Packages for other systems are not in it. */
export function installedMatchesLock(
  modules = inRoot('node_modules'),
  lockFile = inRoot('package-lock.json'),
) {
  try {
    const lock = JSON.parse(readFileSync(lockFile, 'utf8')).packages
    const installed = JSON.parse(readFileSync(join(modules, '.package-lock.json'), 'utf8')).packages
    const same = ([path, entry]) => {
      const there = installed[path]
      if (!there) return path === '' || entry.optional || entry.devOptional
      return there.version === entry.version && there.integrity === entry.integrity
    }
    return Object.entries(lock).every(same) && Object.keys(installed).every((path) => path in lock)
  } catch {
    return false
  }
}

export async function installModules(say) {
  if (modulesUpToDate()) return 'up to date'
  removeStamp(stamp)
  let result = await npm('ci', [], say)
  // A lock made with a registry that lacks some packages for other systems does not name them, and `npm ci`
  // refuses it. Nothing that is used here is missing then: install what the lock does name.
  if (result.code !== 0 && onlyOptionalMissing(result.output))
    result = await npm('install', ['--no-save'], say)
  if (result.code !== 0) {
    throw new Refusal(
      `npm could not install the packages (exit code ${result.code}).`,
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

/** Whether all that `npm ci` misses in the lock is optional to some package in it. */
export function onlyOptionalMissing(output, lockFile = inRoot('package-lock.json')) {
  const missing = [...output.matchAll(/Missing: (@?[^@\s]+)@\S* from lock file/g)].map(([, name]) => name)
  if (missing.length === 0 || /Invalid: lock file's/.test(output)) return false
  const packages = Object.values(JSON.parse(readFileSync(lockFile, 'utf8')).packages)
  const optional = new Set(packages.flatMap((entry) => Object.keys(entry.optionalDependencies ?? {})))
  return missing.every((name) => optional.has(name))
}

function npm(command, options, say) {
  say(`npm ${command}`)
  // The npm that called us, or else the one in PATH.
  const caller = process.env.npm_execpath
  const [program, ...first] = caller?.endsWith('npm-cli.js') ? [process.execPath, caller] : ['npm']
  return run(program, [...first, command, ...options, '--include=dev', '--no-audit', '--no-fund'], {
    env: { ...process.env, ...nodeHeaders(), NODE_ENV: 'development' },
    onLine: (line) => /^npm (warn|notice)/.test(line) || say(`npm ${command} ${line.trim().slice(0, 60)}`),
  })
}

/** node-gyp downloads Node's headers, unless it is told that they are on this machine already. */
function nodeHeaders() {
  const prefix = dirname(dirname(process.execPath))
  return existsSync(join(prefix, 'include', 'node', 'node.h')) ? { npm_config_nodedir: prefix } : {}
}
