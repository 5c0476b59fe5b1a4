#!/bin/bash
# Passed when the kernel's memory limit is another than the file's and the container is frozen.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
asked=$(jq -r '.linux.resources.memory.limit // 0' /tmp/mycontainer/config.json 2>/dev/null) || fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
state=$(runc state demo 2>/dev/null) || fail 'There is no container "demo": start it with "runc run --detach demo" in /tmp/mycontainer.'
read -r status pid <<<"$(jq -r '"\(.status) \(.pid)"' <<<"$state")"
v2=/sys/fs/cgroup$(awk -F: '$1 == 0 {print $3}' "/proc/$pid/cgroup" 2>/dev/null)
v1=/sys/fs/cgroup/memory$(awk -F: '$2 == "memory" {print $3}' "/proc/$pid/cgroup" 2>/dev/null)
now=$(cat "$v2/memory.max" 2>/dev/null || cat "$v1/memory.limit_in_bytes" 2>/dev/null)
[ -n "$now" ] || fail "The container is $status: clear it away with \"runc delete --force demo\" and run it again."
[ "$now" != $((asked / 4096 * 4096)) ] || fail 'The memory limit in the kernel is still that of the file: change it with "runc update".'
[ "$now" = 67108864 ] || fail "The memory limit is $now now; the step wants 64 MiB, which is 67108864."
[ "$status" = paused ] || fail 'The limit is changed, and the file is not. Now freeze it with "runc pause demo".'
exit 0
