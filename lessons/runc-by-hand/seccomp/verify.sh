#!/bin/bash
# Passed while a container runs behind a filter that refuses both calls.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
names=$(jq -r '[.linux.seccomp.syscalls[]? | select(.action != "SCMP_ACT_ALLOW") | .names[]?] | join(" ")' /tmp/mycontainer/config.json 2>/dev/null) ||
  fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
case " $names " in *' mkdir '*) ;; *) fail 'config.json has no filter for mkdir under linux.seccomp yet.' ;; esac
case " $names " in *' mkdirat '*) ;; *) fail 'The filter knows mkdir; its younger sister mkdirat gets through.' ;; esac
state=$(runc state demo 2>/dev/null) || fail 'The filter is in the spec; now start the container with "runc run --detach demo".'
read -r status pid <<<"$(jq -r '"\(.status) \(.pid)"' <<<"$state")"
[ "$status" = running ] || fail "The container is $status: clear it away with \"runc delete --force demo\" and run it again."
jq -e '[.config.seccomp.syscalls[]?.name] | index("mkdir") and index("mkdirat")' /run/runc/demo/state.json >/dev/null 2>&1 ||
  fail 'Your container is running with another filter than the one in config.json: did you restart it after the edit?'
filters() { awk '$1 == "Seccomp_filters:" {print $2}' "$1/status"; }
[ "$(filters "/proc/$pid")" -gt "$(filters /proc/self)" ] || fail 'Your container is running but it has no filter of its own: did you restart it after the edit?'
exit 0
