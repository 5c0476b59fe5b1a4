#!/bin/bash
# Passed when the Docker daemon answers. Asks its socket: the docker command itself would start the daemon.
curl -sf --max-time 1 --unix-socket /run/docker.sock http://d/_ping >/dev/null 2>&1 && exit 0
echo 'The Docker daemon does not answer yet: start it with "systemctl start docker".'
exit 1
