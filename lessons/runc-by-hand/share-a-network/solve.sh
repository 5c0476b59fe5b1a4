#!/bin/bash
# A page, a server, a name for its network, and a second container in it.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc delete --force probe
ip netns delete web 2>/dev/null
mkdir -p rootfs/www && echo 'Hello from the web container' >rootfs/www/index.html
runc run --detach demo </dev/null >/dev/null 2>&1
ip netns attach web "$(runc state demo | jq .pid)"
runc run --detach --bundle /tmp/probe probe </dev/null >/dev/null 2>&1
