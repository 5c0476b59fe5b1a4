#!/bin/bash
# Passed while a container of the user learner runs, with their own number as its root.
fail() {
  echo "$1"
  exit 1
}
number=$(id -u learner 2>/dev/null) || fail 'There is no user "learner" yet: make one.'
config=/home/learner/bundle/config.json
[ -e $config ] || fail 'There is no config.json in the bundle of learner yet.'
[ "$(jq -r '.linux.uidMappings[0].hostID' $config 2>/dev/null)" = "$number" ] || fail 'The spec of learner is not a rootless one: it does not map their own number. "runc spec --rootless" writes one.'
[ "$(stat -c %U /tmp/learner 2>/dev/null || echo learner)" = learner ] ||
  fail 'The folder /tmp/learner belongs to somebody else, who used it first: "rm -r /tmp/learner", then have learner run the container.'
pid=$(jq -r .init_process_pid /tmp/learner/r1/state.json 2>/dev/null)
[ -n "$pid" ] && [ -d "/proc/$pid" ] || fail 'The rootless spec is there; now have learner run the container "r1", with --root /tmp/learner.'
[ "$(awk '/^Uid/ {print $2}' "/proc/$pid/status")" = "$number" ] || fail 'The container "r1" does not run as learner: who has started it?'
exit 0
