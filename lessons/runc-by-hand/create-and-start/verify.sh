#!/bin/bash
# Passed when the program has left its note and the container has been ended and deleted.
fail() {
  echo "$1"
  exit 1
}
[ -s /tmp/mycontainer/config.json ] || fail 'There is no /tmp/mycontainer/config.json, and this step builds on the ones before: "Start over: This step" does them for you.'
cd /tmp/mycontainer 2>/dev/null || fail 'The folder /tmp/mycontainer is missing: go back to step 2.'
jq -e '.process.args | join(" ") | contains("/started")' config.json >/dev/null 2>&1 ||
  fail 'In config.json, "args" does not leave a note yet: apply the edit.'
case $(runc state demo 2>/dev/null | jq -r .status 2>/dev/null) in
  created)
    [ config.json -nt /run/runc/demo/exec.fifo ] && fail 'It was created before your edit, and would start the old program: "runc delete --force demo", then create it again.'
    fail 'It is created and waits: "runc start demo" starts your program.'
    ;;
  running)
    [ -e rootfs/started ] || fail 'It runs, but it was started before your edit: "runc delete --force demo", then create it again.'
    fail 'It runs and has left its note. Now end it: first try "runc kill demo TERM", then KILL.'
    ;;
  stopped) fail 'It has ended. "runc delete demo" removes what is left of it.' ;;
esac
[ -e rootfs/started ] || fail 'The edit is in; now "runc create demo".'
exit 0
