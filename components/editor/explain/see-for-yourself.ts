/** A command that shows, in the sandbox, what an explanation is about. Pure. */

interface Look {
  /** What one sees. */
  what: string
  command: string
}

/** By the beginning of the pointer, the more exact ones first; `$B` is the bundle's folder. */
const LOOKS: [pointer: string, what: string, command: string][] = [
  ['/process/args', 'which programs the rootfs has', 'ls $B/rootfs/bin | head -n 40'],
  ['/process/cwd', 'which folders the rootfs has', 'ls -la $B/rootfs'],
  ['/process/user', 'the users that the rootfs knows', 'cat $B/rootfs/etc/passwd'],
  [
    '/process/capabilities',
    'the capabilities that this machine gives away',
    'capsh --print | grep -i bounding',
  ],
  ['/process/rlimits', 'the limits of this shell, the most that can be had', 'ulimit -Ha'],
  ['/process/oomScoreAdj', 'the value that a process starts with here', 'cat /proc/self/oom_score_adj'],
  ['/process/terminal', 'the field as the file has it', 'jq .process.terminal $B/config.json'],
  ['/root', 'what is in the bundle', 'ls -la $B $B/rootfs | head -n 40'],
  ['/mounts', 'the mounts that the file asks for', "jq -c '.mounts[]' $B/config.json"],
  ['/hooks', 'the hooks that the file asks for', 'jq .hooks $B/config.json'],
  ['/hostname', 'the namespaces that the file asks for', "jq -c '.linux.namespaces' $B/config.json"],
  ['/domainname', 'the namespaces that the file asks for', "jq -c '.linux.namespaces' $B/config.json"],
  ['/linux/namespaces', 'the namespaces of this shell', 'ls -l /proc/self/ns'],
  ['/linux/uidMappings', 'the ids that this machine has', 'cat /proc/self/uid_map'],
  ['/linux/gidMappings', 'the ids that this machine has', 'cat /proc/self/gid_map'],
  [
    '/linux/resources/devices',
    'the device rules that the file asks for',
    "jq -c '.linux.resources.devices' $B/config.json",
  ],
  [
    '/linux/resources',
    'the cgroups of this shell, below which runc makes the container’s',
    'cat /proc/self/cgroup',
  ],
  ['/linux/cgroupsPath', 'the cgroups of this shell', 'cat /proc/self/cgroup'],
  [
    '/linux/sysctl',
    'sysctls of the network namespace',
    'sysctl -a 2>/dev/null | grep ^net.ipv4 | head -n 30',
  ],
  ['/linux/seccomp', 'the actions and operators that this runc knows', 'runc features | jq .linux.seccomp'],
  ['/linux/devices', 'the device nodes that are here', 'ls -l /dev'],
]

/** Null if there is nothing better to look at than the file. */
export function seeForYourself(pointer: string | null, id: string, bundle: string): Look | null {
  const found = LOOKS.find(
    ([begin]) => pointer !== null && (pointer === begin || pointer.startsWith(`${begin}/`)),
  )
  if (found) return { what: found[1], command: found[2].replaceAll('$B', quote(bundle)) }
  if (pointer !== null && pointer !== '') {
    const path = pointer
      .slice(1)
      .split('/')
      .map((part) => (/^\d+$/.test(part) ? `[${part}]` : `[${JSON.stringify(part)}]`))
      .join('')
    return {
      what: 'the field as the file has it',
      command: `jq ${quote(`.${path}`)} ${quote(bundle)}/config.json`,
    }
  }
  if (/exist|container|state|stopped|delete|kill/.test(id))
    return { what: 'the containers that runc knows', command: 'runc list' }
  return null
}

const quote = (text: string) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`)
