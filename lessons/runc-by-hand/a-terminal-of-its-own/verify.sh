#!/bin/bash
# Passed while a container runs in the background with a terminal of its own.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
[ "$(jq -r .process.terminal /tmp/mycontainer/config.json 2>/dev/null)" = true ] || fail 'In config.json, "terminal" under "process" is not true yet.'
state=$(runc state demo 2>/dev/null) || {
  [ -S /run/console.sock ] || fail 'Nobody listens at /run/console.sock yet: start recvtty in a terminal of its own.'
  fail 'recvtty is waiting. Now start the container with --detach and --console-socket.'
}
read -r status pid <<<"$(jq -r '"\(.status) \(.pid)"' <<<"$state")"
[ "$status" = running ] || fail "The container is $status: clear it away with \"runc delete --force demo\" and run it again."
case $(readlink "/proc/$pid/fd/0") in /dev/pts/*) ;; *) fail 'The running container has no terminal: it was started before your edit. Delete it and run it again.' ;; esac
parent=$(awk '/^PPid/ {print $2}' "/proc/$pid/status")
case $(tr '\0' ' ' <"/proc/$parent/cmdline" 2>/dev/null) in runc\ *) fail 'The container has a terminal, but runc still waits for it: start it with --detach.' ;; esac
exit 0
