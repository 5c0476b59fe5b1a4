#!/bin/bash
# Passed while a background container from the bundle runs whose first process has two numbers and namespaces of its own.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
config=/tmp/mycontainer/config.json
terminal=$(jq -r .process.terminal $config 2>/dev/null) || fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
[ "$terminal" = false ] || fail 'In config.json, "terminal" under "process" is still true.'
read -r status pid id <<<"$(runc list -f json 2>/dev/null | jq -r '.[]? | select(.bundle == "/tmp/mycontainer") | "\(.status) \(.pid) \(.id)"' | head -n1)"
[ -n "$id" ] || fail 'The spec asks for no terminal any more; now start it with "runc run --detach demo".'
[ "$status" = running ] || fail "The container \"$id\" is $status: clear it away with \"runc delete --force $id\" and run it again."
[ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "$(jq -r '.process.args | join(" ") + " "' $config)" ] || fail "The running container was started before your edit: \"runc delete --force $id\", then run it again."
[ "$(awk '/^NSpid/ {print NF}' "/proc/$pid/status")" -ge 3 ] || fail 'Its first process has one number only: is "pid" still in linux.namespaces?'
for kind in pid net ipc uts mnt; do
  [ "$(readlink "/proc/$pid/ns/$kind")" != "$(readlink "/proc/self/ns/$kind")" ] || fail "The container shares its $kind namespace with the outside: is it still in linux.namespaces?"
done
exit 0
