/** Whole entries of the lists in config.json, to be put in and changed. */
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: places to type at are written like that in snippets

interface Entry {
  /** Pointer of the list. */
  list: string
  label: string
  detail: string
  /** With places to type at. */
  insert: string
}

const entry = (list: string, label: string, detail: string, lines: string[]): Entry => ({
  list,
  label,
  detail,
  insert: `{\n${lines.map((line) => `\t${line}`).join(',\n')}\n}`,
})

export const ENTRIES: readonly Entry[] = [
  entry('/mounts', 'bind mount', 'a folder of the sandbox, read-only', [
    '"destination": "${1:/data}"',
    '"type": "bind"',
    '"source": "${2:/tmp/data}"',
    '"options": ["rbind", "${3|ro,rw|}"]',
  ]),
  entry('/mounts', 'tmpfs mount', 'a fresh folder in memory', [
    '"destination": "${1:/scratch}"',
    '"type": "tmpfs"',
    '"source": "tmpfs"',
    '"options": ["nosuid", "nodev", "size=${2:16m}"]',
  ]),
  entry('/linux/namespaces', 'namespace', 'a new one for the container', [
    '"type": "${1|pid,network,mount,ipc,uts,user,cgroup,time|}"',
  ]),
  entry('/linux/namespaces', 'joined namespace', 'one that exists', [
    '"type": "${1|network,pid,ipc,uts|}"',
    '"path": "${2:/proc/PID/ns/net}"',
  ]),
  entry('/process/rlimits', 'rlimit', 'a limit of the process', [
    '"type": "${1:RLIMIT_NOFILE}"',
    '"hard": ${2:1024}',
    '"soft": ${3:1024}',
  ]),
  entry('/linux/uidMappings', 'mapping', 'ids inside and outside', [
    '"containerID": ${1:0}',
    '"hostID": ${2:1000}',
    '"size": ${3:1}',
  ]),
  entry('/linux/gidMappings', 'mapping', 'ids inside and outside', [
    '"containerID": ${1:0}',
    '"hostID": ${2:1000}',
    '"size": ${3:1}',
  ]),
  entry('/linux/devices', 'device', 'a node in /dev; it also needs a rule', [
    '"path": "${1:/dev/fuse}"',
    '"type": "${2|c,b|}"',
    '"major": ${3:10}',
    '"minor": ${4:229}',
    '"fileMode": ${5:438}',
  ]),
  entry('/linux/resources/devices', 'device rule', 'what may be done with devices', [
    '"allow": ${1|true,false|}',
    '"type": "${2|c,b,a|}"',
    '"major": ${3:10}',
    '"minor": ${4:229}',
    '"access": "${5:rwm}"',
  ]),
  entry('/linux/seccomp/syscalls', 'system calls', 'a rule for some of them', [
    '"names": ["${1:mkdir}", "${2:mkdirat}"]',
    '"action": "${3|SCMP_ACT_ERRNO,SCMP_ACT_ALLOW,SCMP_ACT_LOG,SCMP_ACT_KILL_PROCESS|}"',
  ]),
  ...['createRuntime', 'createContainer', 'startContainer', 'poststart', 'poststop', 'prestart'].map((hook) =>
    entry(`/hooks/${hook}`, 'hook', 'a program that runc runs', [
      '"path": "${1:/usr/bin/env}"',
      '"args": ["${2:env}"]',
    ]),
  ),
]
