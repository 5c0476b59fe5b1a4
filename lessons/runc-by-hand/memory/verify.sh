#!/bin/bash
# Passed when the kernel holds the container to the memory limit of the spec and has had to kill for it.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
limit=$(jq -r '.linux.resources.memory.limit // 0' /tmp/mycontainer/config.json 2>/dev/null) || fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
[ "$limit" -gt 0 ] 2>/dev/null || fail 'config.json has no limit under linux.resources.memory yet.'
[ "$limit" -ge 4194304 ] || fail "The limit is $limit bytes, and runC itself needs some 4 MiB to start: 32 MiB are 33554432."
state=$(runc state demo 2>/dev/null) || fail 'The limit is in the spec; now start the container with "runc run --detach demo".'
read -r status pid <<<"$(jq -r '"\(.status) \(.pid)"' <<<"$state")"
[ "$status" = running ] || fail "The container is $status: clear it away with \"runc delete --force demo\" and run it again."
v1=/sys/fs/cgroup/memory$(awk -F: '$2 == "memory" {print $3}' "/proc/$pid/cgroup")
v2=/sys/fs/cgroup$(awk -F: '$1 == 0 {print $3}' "/proc/$pid/cgroup")
if [ -e "$v2/memory.max" ]; then
  now=$(cat "$v2/memory.max") killed=$(awk '$1 == "oom_kill" {print $2}' "$v2/memory.events") file=memory.max
else
  now=$(cat "$v1/memory.limit_in_bytes") killed=$(awk '$1 == "oom_kill" {print $2}' "$v1/memory.oom_control") file=memory.limit_in_bytes
fi
case $now in max | 92233720368547*) fail "Your container is running and has no limit in $file: did you restart it after the edit?" ;; esac
[ "$now" = $((limit / 4096 * 4096)) ] || fail "Your container is running but its $file is $now, not $limit: did you restart it after the edit?"
[ "${killed:-0}" -gt 0 ] || fail 'The limit is in force. Nothing has run into it yet: try "runc exec demo tail /dev/zero".'
exit 0
