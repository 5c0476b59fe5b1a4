#!/bin/bash
# Passed while the container "inner" runs in a user namespace of its own and has made a file there.
fail() {
  echo "$1"
  exit 1
}
config=/tmp/userns/config.json
[ -e $config ] || fail 'There is no second bundle in /tmp/userns yet: copy the first one.'
jq . $config >/dev/null 2>&1 || fail 'The config.json in /tmp/userns is not valid JSON at the moment: "Problems" below the editor names the line.'
jq -e '[.linux.namespaces[].type] | index("user")' $config >/dev/null || fail 'The config.json in /tmp/userns has no namespace of type "user" yet.'
jq -e '.linux.uidMappings and .linux.gidMappings' $config >/dev/null || fail 'There is a user namespace, but no mapping: it takes uidMappings and gidMappings.'
state=$(runc state inner 2>/dev/null) || fail 'The spec is ready; now start the container "inner" from /tmp/userns.'
read -r status pid <<<"$(jq -r '"\(.status) \(.pid)"' <<<"$state")"
[ "$status" = running ] || fail "The container is $status: clear it away with \"runc delete --force inner\" and run it again."
[ "$(readlink "/proc/$pid/ns/user")" != "$(readlink /proc/self/ns/user)" ] || fail 'The container is running, but in the user namespace of the outside: did you restart it after the edit?'
[ "$(awk '/^Uid/ {print $2}' "/proc/$pid/status")" != 0 ] || fail 'It runs as number 0 out here, too: look at hostID in the mappings.'
[ -e /tmp/userns/rootfs/new ] || fail 'Root inside, nobody outside. Now have it make the file /new; it needs to own the files for that.'
exit 0
