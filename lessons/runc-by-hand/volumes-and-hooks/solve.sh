#!/bin/bash
# A folder for the volume, and one run.
cd /tmp/mycontainer || exit 1
runc delete --force demo
mkdir -p data
rm -f hook.log
runc run demo </dev/null >/dev/null 2>&1
