#!/bin/bash
# Somebody who listens, then a container that sends its terminal there.
cd /tmp/mycontainer || exit 1
runc delete --force demo
rm -f /run/console.sock
setsid recvtty --mode null /run/console.sock </dev/null >/dev/null 2>&1 &
until [ -S /run/console.sock ]; do sleep 0.05; done
runc run --detach --console-socket /run/console.sock demo </dev/null >/dev/null 2>&1
