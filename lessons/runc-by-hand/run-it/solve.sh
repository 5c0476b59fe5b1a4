#!/bin/bash
# The container in the foreground of a terminal, which `script` provides here.
cd /tmp/mycontainer || exit 1
runc delete --force demo
setsid bash -c "sleep infinity | script -qfc 'runc run demo' /dev/null" </dev/null >/dev/null 2>&1 &
for _ in $(seq 50); do
  runc state demo 2>/dev/null | grep -q '"running"' && exit 0
  sleep 0.1
done
exit 1
