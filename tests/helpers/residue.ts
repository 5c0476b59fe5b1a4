/** Everything that sandboxes could leave behind on this host, counted. */
import { execFileSync, spawnSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

export interface Residue {
  mounts: string[]
  loops: string[]
  cgroups: string[]
  links: string[]
  processes: string[]
  /** Ranges of user ids that are still claimed. */
  ids: string[]
}

const CLAIMS = '/run/runclab-id-ranges'

const lines = (text: string) => text.split('\n').filter(Boolean)

/** Other labs of this machine claim and release meanwhile. */
function claimant(slot: string): string {
  try {
    return fs.readlinkSync(path.join(CLAIMS, slot))
  } catch {
    return ''
  }
}

/** What on this host bears `name`, which is part of the lab's folders and cgroups. */
export function residue(name: string): Residue {
  const named = (items: string[]) => items.filter((item) => item.includes(name))
  // Its exit status says nothing: cgroups of other labs come and go under its eyes.
  const { stdout: cgroups } = spawnSync('find', ['/sys/fs/cgroup', '-type', 'd', '-name', `*${name}*`], {
    encoding: 'utf8',
  })
  const processes = fs
    .readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry) && Number(entry) !== process.pid)
  return {
    mounts: named(lines(fs.readFileSync('/proc/self/mountinfo', 'utf8'))),
    loops: named(
      lines(
        execFileSync('losetup', ['--list', '--noheadings', '--output', 'BACK-FILE'], { encoding: 'utf8' }),
      ),
    ),
    cgroups: lines(cgroups),
    ids: named(fs.existsSync(CLAIMS) ? fs.readdirSync(CLAIMS).map(claimant) : []),
    // Sandboxes never have a link on this host. Those of a bridge are of somebody else, such as the host's own Docker.
    links: fs
      .readdirSync('/sys/class/net')
      .filter((link) => link.startsWith('veth') && !fs.existsSync(`/sys/class/net/${link}/master`)),
    processes: named(
      processes.map((pid) => {
        try {
          return `${pid} ${fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')}`
        } catch {
          return ''
        }
      }),
    ),
  }
}

export const NOTHING: Residue = { mounts: [], loops: [], cgroups: [], links: [], processes: [], ids: [] }
