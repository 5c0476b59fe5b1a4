#!/bin/bash
# Passed while Docker's container runs below a shim and a copy of its config.json has been found.
fail() {
  echo "$1"
  exit 1
}
ask() { curl -sf --max-time 1 --unix-socket /run/docker.sock "http://d$1"; }
ask /_ping >/dev/null || fail 'Docker is not running: "systemctl start docker".'
web=$(ask /containers/web/json) || fail 'There is no Docker container named "web" yet.'
read -r id pid <<<"$(jq -r '"\(.Id) \(.State.Pid)"' <<<"$web")"
[ "$pid" -gt 0 ] || fail 'The container "web" has ended: "docker start web" starts it again.'
parent=$(awk '/^PPid/ {print $2}' "/proc/$pid/status")
case $(tr '\0' ' ' <"/proc/$parent/cmdline") in *containerd-shim*) ;; *) fail 'The parent of "web" is no shim: how was it started?' ;; esac
copy=/tmp/mycontainer/docker.json
[ -s $copy ] || fail 'The container runs. Find its config.json, and copy it to /tmp/mycontainer/docker.json.'
case $(jq -r .linux.cgroupsPath $copy 2>/dev/null) in *"$id") exit 0 ;; esac
[ "$(jq -r .hostname $copy 2>/dev/null)" = web ] || fail 'The file docker.json is not the config.json of "web".'
exit 0
