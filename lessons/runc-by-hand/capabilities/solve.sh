#!/bin/bash
# The container that stays, and a file given away in it.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc run --detach demo </dev/null >/dev/null 2>&1
runc exec demo sh -c 'touch /tmp/f && chown 1000 /tmp/f' </dev/null
