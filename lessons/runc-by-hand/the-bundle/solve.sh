#!/bin/bash
# A rootfs out of the busybox image.
mkdir -p /tmp/mycontainer/rootfs
cd /tmp/mycontainer || exit 1
docker export "$(docker create busybox)" | tar -C rootfs -xf -
