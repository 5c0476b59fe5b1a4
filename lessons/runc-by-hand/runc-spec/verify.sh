#!/bin/bash
# Passed when config.json is there and names the specification it follows.
cd /tmp/mycontainer 2>/dev/null || {
  echo 'The folder /tmp/mycontainer is missing: make it first, as in step 2.'
  exit 1
}
if [ ! -e config.json ]; then
  if [ -e rootfs/config.json ]; then
    echo 'config.json is inside rootfs; it belongs one folder up: mv rootfs/config.json .'
  else
    echo 'There is no /tmp/mycontainer/config.json yet: "runc spec" in that folder writes it.'
  fi
  exit 1
fi
jq -e '.ociVersion | type == "string"' config.json >/dev/null 2>&1 && exit 0
echo 'config.json is there but has no readable "ociVersion": remove it and run "runc spec" again.'
exit 1
