#!/bin/bash
# Run with the limit, then into it.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc run --detach demo </dev/null >/dev/null 2>&1
runc exec demo tail /dev/zero </dev/null >/dev/null 2>&1
[ $? = 137 ]
