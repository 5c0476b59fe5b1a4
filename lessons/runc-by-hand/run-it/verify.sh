#!/bin/bash
# Passed while a container from the bundle runs in the foreground of a terminal.
fail() {
  echo "$1"
  exit 1
}
[ -e /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json: "runc spec" in that folder writes it.'
list=$(runc list -f json 2>/dev/null | jq -r '.[]? | select(.bundle == "/tmp/mycontainer") | "\(.status) \(.pid) \(.id)"')
[ -n "$list" ] || fail 'No container runs from your bundle yet: "runc run demo" in /tmp/mycontainer starts one.'
read -r status pid id <<<"$(grep -m1 '^running' <<<"$list" || head -n1 <<<"$list")"
[ "$status" = running ] || fail "The container \"$id\" is $status: clear it away with \"runc delete --force $id\" and run it again."
[ "$(awk '/^NSpid/ {print $NF}' "/proc/$pid/status" 2>/dev/null)" = 1 ] || fail 'Its first process does not see itself as number 1: is "pid" still in linux.namespaces?'
exit 0
