#!/bin/bash
# The container in the background.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc run --detach demo </dev/null >/dev/null 2>&1
