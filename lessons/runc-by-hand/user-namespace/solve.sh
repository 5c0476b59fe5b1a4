#!/bin/bash
# The copy was made and edited; give it its files, run it, and make a file.
runc delete --force inner
chown -R 100000:100000 /tmp/userns/rootfs
runc run --detach --bundle /tmp/userns inner </dev/null >/dev/null 2>&1
runc exec inner touch /new </dev/null
