#!/bin/bash
# Passed when the container has written through its volume and both hooks have been called.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
cd /tmp/mycontainer 2>/dev/null || fail 'The folder /tmp/mycontainer is missing: go back to step 2.'
jq . config.json >/dev/null 2>&1 || fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
jq -e '[.mounts[] | select(.destination == "/data")] | length > 0' config.json >/dev/null || fail 'config.json mounts nothing at /data yet.'
[ -d data ] || fail 'The mount is in the spec, but its source is not there: make the folder "data" in the bundle.'
[ -s data/notes ] || ! runc state demo 2>/dev/null | grep -q '"running"' ||
  fail 'A container runs, with the program from before: end it with "runc delete --force demo" from another terminal, and have it write its note.'
[ -s data/notes ] || fail 'The volume is ready: run the container, so that it leaves its note there.'
[ -z "$(ls -A rootfs/data 2>/dev/null)" ] || fail 'The note is in rootfs and not in the volume: was the folder mounted?'
jq -e '.hooks.createRuntime and .hooks.poststop' config.json >/dev/null || fail 'The volume works. Now add the hooks createRuntime and poststop.'
grep -qx creating hook.log 2>/dev/null || fail 'The hooks are in the spec: run the container once more.'
grep -qx stopped hook.log || fail 'createRuntime was called; poststop comes when the container is deleted.'
exit 0
