#!/bin/bash
# A new limit for the running container, then the freezer.
cd /tmp/mycontainer || exit 1
runc state demo 2>/dev/null | grep -q running || {
  runc delete --force demo
  runc run --detach demo </dev/null >/dev/null 2>&1
}
runc update --memory 64M --memory-swap 64M demo
runc pause demo
