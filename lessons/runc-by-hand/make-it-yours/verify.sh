#!/bin/bash
# Passed when config.json has a host name and a command of the learner's own and a container made from it is running.
fail() {
  echo "$1"
  exit 1
}
bundle=/tmp/mycontainer
[ -e $bundle/config.json ] || fail 'There is no /tmp/mycontainer/config.json: "runc spec" in that folder writes it.'
facts=$(jq -r '(.hostname // ""), (.process.args == ["sh"])' $bundle/config.json 2>/dev/null) ||
  fail 'config.json is not valid JSON at the moment: look for a missing or extra comma where you edited it.'
{
  read -r hostname
  read -r plain
} <<<"$facts"
[ -n "$hostname" ] && [ "$hostname" != runc ] ||
  fail 'In config.json, give "hostname" a name of your own, such as "mycontainer".'
[ "$plain" = false ] || fail 'The host name is yours; now change "args" under "process", which still is just "sh".'
ids=$(runc list -f json 2>/dev/null |
  jq -r --arg bundle $bundle '.[]? | select(.bundle == $bundle and .status == "running") | .id' 2>/dev/null)
[ -n "$ids" ] || fail 'Both edits are in; now start the container with "runc run demo".'
for id in $ids; do
  [ "$(jq -r .config.hostname "/run/runc/$id/state.json" 2>/dev/null)" = "$hostname" ] && exit 0
done
fail 'The running container was started before your edit: leave it with "exit" and start it again.'
