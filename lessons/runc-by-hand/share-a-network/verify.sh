#!/bin/bash
# Passed while two containers of different bundles run in one network.
fail() {
  echo "$1"
  exit 1
}
pid_of() { runc state "$1" 2>/dev/null | jq -r 'select(.status == "running") | .pid'; }
web=$(pid_of demo)
[ -n "$web" ] || fail 'The web server does not run yet: start the container "demo".'
case $(tr '\0' ' ' <"/proc/$web/cmdline") in httpd*) ;; *) fail 'The container "demo" runs, but no web server in it: was it started before the edit?' ;; esac
[ -e /tmp/probe/config.json ] || fail 'The web server runs. Now make the second bundle, /tmp/probe.'
path=$(jq -r '.linux.namespaces[]? | select(.type == "network") | .path // empty' /tmp/probe/config.json 2>/dev/null)
[ -z "$path" ] || [ -e "$path" ] || fail "The second container is to enter $path, and nothing has that name yet: \"ip netns attach\" gives it to the network of \"demo\"."
probe=$(pid_of probe)
[ -n "$probe" ] || fail 'The second container, "probe", does not run yet.'
[ "$(readlink "/proc/$web/ns/net")" = "$(readlink "/proc/$probe/ns/net")" ] || fail 'Both containers run, each in a network of its own. Give the network of "demo" a name, and have "probe" enter it.'
exit 0
