#!/bin/bash
# Passed when the spec has a host name of the learner's own, may write, and a container made from it has done so.
fail() {
  echo "$1"
  exit 1
}
cd /tmp/mycontainer 2>/dev/null && [ -e config.json ] || fail 'There is no /tmp/mycontainer/config.json: "runc spec" in that folder writes it.'
facts=$(jq -r '(.hostname // ""), (.process.args[0] // ""), (.root.readonly // false)' config.json 2>/dev/null) ||
  fail 'config.json is not valid JSON at the moment: "Problems" below the editor names the line. Often it is a missing or extra comma.'
{
  read -r hostname
  read -r program
  read -r readonly
} <<<"$facts"
[ -n "$hostname" ] && [ "$hostname" != runc ] || fail 'In config.json, give "hostname" a name of your own, such as "mycontainer".'
[ "$program" != sleep ] || fail 'The host name is yours; now change "args" under "process", which still is "sleep".'
[ "$readonly" = false ] || fail 'Its files are read-only: set "readonly" under "root" to false.'
jq -e '.process.args | join(" ") | contains("/made-inside")' config.json >/dev/null 2>&1 ||
  fail 'It may write now, but its "args" make no file: take over the command of the third edit.'
[ -e rootfs/made-inside ] || fail 'The spec is ready; now start the container with "runc run demo". It should make the file /made-inside.'
exit 0
