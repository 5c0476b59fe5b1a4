#!/bin/bash
# Passed while the web server answers through the cable.
fail() {
  echo "$1"
  exit 1
}
[ -e /run/netns/blue ] || fail 'There is no network namespace named "blue" yet.'
ip -o addr show dev br0 2>/dev/null | grep -q '10\.10\.0\.1/' || fail 'There is no bridge br0 with the address 10.10.0.1 yet.'
ip -o link show dev veth0 2>/dev/null | grep -q 'master br0' || fail 'No cable from the bridge yet: veth0 is missing, or not put into br0.'
nsenter --net=/run/netns/blue ip -o addr show dev eth0 2>/dev/null | grep -q '10\.10\.0\.2/' || fail 'The end in the room "blue" has no address yet: eth0 should have 10.10.0.2.'
pid=$(runc state demo 2>/dev/null | jq -r 'select(.status == "running") | .pid')
[ -n "$pid" ] || fail 'The cable is laid; now have the container enter the room "blue", and start it.'
[ "$(stat -Lc %i "/proc/$pid/ns/net")" = "$(stat -Lc %i /run/netns/blue)" ] || fail 'Your container is running, but not in the network "blue": did you restart it after the edit?'
up() { grep -q '[<,]UP[,>]'; }
ip -o link show dev br0 | up || fail 'The container is in there, but the bridge is switched off: "ip link set br0 up".'
ip -o link show dev veth0 | up || fail 'The container is in there, but this end of the cable is switched off: "ip link set veth0 up".'
nsenter --net=/run/netns/blue ip -o link show dev eth0 | up || fail 'The container is in there, but its end of the cable is switched off: set eth0 up in the room "blue".'
curl -sf --max-time 1 http://10.10.0.2:8080/ >/dev/null || fail 'The container is in there, but nobody answers at 10.10.0.2: does its httpd still listen at port 8080?'
exit 0
