#!/bin/bash
# A whole life: create, start, kill, delete.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc create demo </dev/null >/dev/null 2>&1
runc start demo
until [ -e rootfs/started ]; do sleep 0.05; done
runc kill demo KILL
until runc delete demo 2>/dev/null; do sleep 0.05; done
