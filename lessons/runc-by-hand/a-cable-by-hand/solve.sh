#!/bin/bash
# The room, the switch, the cable, the addresses, and the container.
cd /tmp/mycontainer || exit 1
runc delete --force demo
runc delete --force probe
ip netns delete blue 2>/dev/null
ip link delete br0 2>/dev/null
ip netns add blue
ip link add br0 type bridge
ip addr add 10.10.0.1/24 dev br0
ip link set br0 up
ip link add veth0 type veth peer name eth0 netns blue
ip link set veth0 master br0 up
nsenter --net=/run/netns/blue ip addr add 10.10.0.2/24 dev eth0
nsenter --net=/run/netns/blue ip link set eth0 up
runc run --detach demo </dev/null >/dev/null 2>&1
for _ in $(seq 50); do
  curl -sf --max-time 1 http://10.10.0.2:8080/ >/dev/null && exit 0
  sleep 0.1
done
exit 1
