/** Finds out, inside the sandbox, which program of a terminal would read what is typed now. */
import type { AgentChannel } from './agent/channel.ts'

export interface Foreground {
  /** What the kernel calls it, in at most 32 printable characters. */
  program: string
  /** A shell of the sandbox itself at its prompt or running something of its own: not a script, not in a container. */
  isShell: boolean
}

/** The shell's environment carries the terminal's id under this name, so that it is found again among all processes. */
export const TERMINAL_VARIABLE = 'LAB_TERMINAL'

const TIMEOUT_MS = 2000

// Of the processes with the terminal's id the shell is the one that leads a session on a terminal. sudo gives what it
// runs a terminal of its own: then the search goes on there. No programs but grep, so that it takes milliseconds.
const SCRIPT = `
shopt -s nullglob
stat() {
  local text=
  IFS= read -r -d '' text 2>/dev/null < "/proc/$1/stat"
  [ -n "$text" ] || return 1
  set -- $1 \${text##*)}
  parent=$3 group=$4 session=$5 tty=$6 front=$7
}
name() { program=; read -r program < "/proc/$1/comm"; } 2>/dev/null
leads() { stat "$1" && [ "$session" = "$1" ] && [ "$tty" != 0 ]; }
leader=
for file in $(grep -slxz "${TERMINAL_VARIABLE}=$1" /proc/[0-9]*/environ); do
  pid=\${file#/proc/} pid=\${pid%/environ}
  if leads "$pid"; then leader=$pid; break; fi
done
[ -n "$leader" ] || exit 1
for depth in 1 2 3 4; do
  stat "$leader" || exit 1
  pid=$front
  if ! [ -d "/proc/$pid" ]; then
    for file in /proc/[0-9]*/stat; do
      other=\${file#/proc/} other=\${other%/stat}
      if stat "$other" && [ "$group" = "$front" ]; then pid=$other; break; fi
    done
  fi
  name "$pid"
  [ "$program" = sudo ] || break
  inner=
  for child in $(<"/proc/$pid/task/$pid/children"); do leads "$child" && inner=$child; done
  [ -n "$inner" ] || break
  leader=$inner
done 2>/dev/null
shell=0
case $program in
  bash | sh | dash)
    shell=1
    [ "/proc/$pid/root" -ef /proc/self/root ] && [ "/proc/$pid/ns/mnt" -ef /proc/self/ns/mnt ] || shell=0
    mapfile -d '' -t words < "/proc/$pid/cmdline"
    for word in "\${words[@]:1}"; do case $word in -c | [!-]*) shell=0 ;; esac; done
    ;;
esac
printf '%s %s' "$shell" "$program"
`

/** Null if there is no such shell. Rejects with AgentError. */
export async function findForeground(channel: AgentChannel, terminal: number): Promise<Foreground | null> {
  const { status, output, timedOut } = await channel.run(
    ['/bin/bash', '-c', SCRIPT, 'foreground', String(terminal)],
    { timeoutMs: TIMEOUT_MS, maxOutput: 256 },
  )
  if (status !== 0 || timedOut) return null
  const program = output
    .slice(2)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 32)
  return { program, isShell: output.startsWith('1 ') }
}
