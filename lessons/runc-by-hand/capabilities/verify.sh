#!/bin/bash
# Passed when the container has given its file away, and one that runs has CAP_CHOWN in the kernel.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
cd /tmp/mycontainer 2>/dev/null || fail 'The folder /tmp/mycontainer is missing: go back to step 2.'
has() { jq -e --arg set "$1" '.process.capabilities[$set] // [] | index("CAP_CHOWN")' config.json >/dev/null 2>&1; }
jq . config.json >/dev/null 2>&1 || fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
has bounding || has effective || has permitted || fail 'CAP_CHOWN is in none of the lists yet. Run the container and see it refused, then allow it.'
has bounding || fail 'CAP_CHOWN is not in "bounding", which is the ceiling for the other lists.'
has permitted && has effective || fail 'CAP_CHOWN is in "bounding", which is only the ceiling: add it to "effective" and "permitted" as well.'
[ "$(stat -c %u rootfs/tmp/f 2>/dev/null)" = 1000 ] || fail 'The spec allows it now: have the container give its file away.'
state=$(runc state demo 2>/dev/null) || fail 'The file has another owner. Now have the container stay: apply the last edit, and "runc run --detach demo".'
read -r status pid <<<"$(jq -r '"\(.status) \(.pid)"' <<<"$state")"
[ "$status" = running ] || fail "The container is $status: clear it away with \"runc delete --force demo\" and run it again."
mask=$(awk '/^CapEff/ {print $2}' "/proc/$pid/status")
[ $((0x$mask & 1)) = 1 ] || fail 'Your container is running without CAP_CHOWN: did you restart it after the edits?'
exit 0
