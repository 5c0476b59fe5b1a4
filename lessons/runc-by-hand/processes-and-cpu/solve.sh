#!/bin/bash
# Run with both limits, then into both.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc run --detach demo </dev/null >/dev/null 2>&1
runc exec demo sh -c 'i=0; while [ $i -lt 600000 ]; do i=$((i+1)); done' </dev/null >/dev/null 2>&1
runc exec demo sh -c 'for i in $(seq 20); do sleep 5 & done' </dev/null >/dev/null 2>&1
exit 0
