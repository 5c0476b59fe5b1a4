#!/bin/bash
# Passed when rootfs holds a shell. -L too: busybox images may link sh to an absolute path that is only true inside.
cd /tmp/mycontainer/rootfs 2>/dev/null || {
  echo 'There is no folder /tmp/mycontainer/rootfs yet: "mkdir -p" makes it.'
  exit 1
}
[ -e bin/sh ] || [ -L bin/sh ] || [ -e bin/busybox ] && exit 0
if [ -e manifest.json ]; then
  echo 'rootfs holds a saved image, not its files: empty it and use "docker export" rather than "docker save".'
elif [ -e ../bin/sh ] || [ -L ../bin/sh ]; then
  echo 'The files landed beside rootfs, not in it: "tar -C rootfs" puts them in the right place.'
else
  echo 'There is no bin/sh in /tmp/mycontainer/rootfs yet.'
fi
exit 1
