#!/bin/bash
# Passed when both limits are in force in the kernel and both have been run into.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
facts=$(jq -r '.linux.resources | (.cpu.quota // 0), (.cpu.period // 100000), (.pids.limit // 0)' /tmp/mycontainer/config.json 2>/dev/null) ||
  fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
read -r quota period pids <<<"$(tr '\n' ' ' <<<"$facts")"
[ "$quota" -gt 0 ] || fail 'config.json has no quota under linux.resources.cpu yet.'
[ "$pids" -gt 0 ] || fail 'config.json has no limit under linux.resources.pids yet (0 would mean none).'
state=$(runc state demo 2>/dev/null) || fail 'Both limits are in the spec; now start the container with "runc run --detach demo".'
read -r status pid <<<"$(jq -r '"\(.status) \(.pid)"' <<<"$state")"
[ "$status" = running ] || fail "The container is $status: clear it away with \"runc delete --force demo\" and run it again."
v2=/sys/fs/cgroup$(awk -F: '$1 == 0 {print $3}' "/proc/$pid/cgroup")
if [ -e "$v2/cpu.max" ]; then
  cpu=$v2 tasks=$v2
  read -r now nowperiod <"$v2/cpu.max"
else
  for name in cpu cpu,cpuacct; do [ -d "/sys/fs/cgroup/$name" ] && root=/sys/fs/cgroup/$name && break; done
  cpu=$root$(awk -F: '$2 ~ /(^|,)cpu(,|$)/ {print $3}' "/proc/$pid/cgroup")
  tasks=/sys/fs/cgroup/pids$(awk -F: '$2 == "pids" {print $3}' "/proc/$pid/cgroup")
  now=$(cat "$cpu/cpu.cfs_quota_us") nowperiod=$(cat "$cpu/cpu.cfs_period_us")
fi
[ "$now $nowperiod" = "$quota $period" ] || fail "Your container is running but its processor time is not limited to $quota of $period: did you restart it after the edit?"
[ "$(cat "$tasks/pids.max")" = "$pids" ] || fail "Your container is running but its pids.max is $(cat "$tasks/pids.max"), not $pids: did you restart it after the edit?"
# On a busy machine a container may never get its fifth in one period, and then nothing has to hold it back: what it has computed
# proves as much.
used=$(awk '$1 == "usage_usec" {print int($2 / 1000)}' "$cpu/cpu.stat")
acct=/sys/fs/cgroup/cpuacct$(awk -F: '$2 ~ /(^|,)cpuacct(,|$)/ {print $3}' "/proc/$pid/cgroup")
[ -n "$used" ] || used=$(($(cat "$cpu/cpuacct.usage" 2>/dev/null || cat "$acct/cpuacct.usage" 2>/dev/null || echo 0) / 1000000))
[ "$(awk '$1 == "nr_throttled" {print $2}' "$cpu/cpu.stat")" -gt 0 ] || [ "$used" -ge 150 ] ||
  fail "Both limits are in force. It has computed for $used ms only, and has not had to wait: run the counting loop."
[ "$(awk '$1 == "max" {print $2}' "$tasks/pids.events")" -gt 0 ] || fail 'It has done its work, in as much time as it gets. Now make it want too many processes.'
exit 0
