#!/bin/bash
# One run, with the capability.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc run demo </dev/null >/dev/null
