#!/bin/bash
# One run that leaves its mark.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc run demo </dev/null >/dev/null
