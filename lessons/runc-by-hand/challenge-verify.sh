#!/bin/bash
# Passed when the bundle has Docker's privileges, in the file and in the kernel, and still is the learner's own.
fail() {
  echo "$1"
  exit 1
}
cd /tmp/mycontainer 2>/dev/null || fail 'The folder /tmp/mycontainer is missing: go back to step 2.'
[ -s docker.json ] || fail 'There is no docker.json to compare with: the last step of the course makes it.'
jq . config.json >/dev/null 2>&1 || fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
same() { [ "$(jq -S "$1" config.json)" = "$(jq -S "$1" docker.json)" ]; }
for set in bounding effective permitted; do
  same "(.process.capabilities.$set // []) | sort" || fail "The set \"$set\" of capabilities is not Docker's yet."
done
same '.linux.seccomp.defaultAction' || fail "The default action of the seccomp filter is not Docker's yet."
same '.linux.seccomp.syscalls' || fail "The rules of the seccomp filter are not Docker's yet."
same '.linux.maskedPaths | sort' || fail "The masked paths are not Docker's yet."
same '.linux.readonlyPaths | sort' || fail "The read-only paths are not Docker's yet."
[ "$(jq -r .root.path config.json)" = rootfs ] || fail 'root.path should still be "rootfs": your files, not those of Docker.'
[ "$(jq -r .hostname config.json)" != web ] || fail 'The host name should still be your own.'
[ "$(jq -r '.linux.resources.memory.limit // 0' config.json)" -gt 0 ] || fail 'Your own limit on memory is gone: it should stay.'
pid=$(runc state demo 2>/dev/null | jq -r 'select(.status == "running" and .bundle == "/tmp/mycontainer") | .pid')
[ -n "$pid" ] || fail 'The file has all of it. Now start the container "demo" from it, with a program that stays.'
count=$(capsh --decode="$(awk '/^CapBnd/ {print $2}' "/proc/$pid/status")" | tr ',' '\n' | wc -l)
[ "$count" = "$(jq '.process.capabilities.bounding | length' docker.json)" ] || fail 'Your container is running, with other capabilities than the file: did you restart it?'
[ "$(jq '[.config.seccomp.syscalls[]?] | length' /run/runc/demo/state.json)" -gt 50 ] || fail "Your container is running behind another filter than Docker's: did you restart it?"
filters() { awk '$1 == "Seccomp_filters:" {print $2}' "$1/status"; }
[ "$(filters "/proc/$pid")" -gt "$(filters /proc/self)" ] || fail 'Your container is running without a filter: did you restart it?'
exit 0
