#!/bin/bash
# Passed when the bundle's folders exist.
[ -d /tmp/mycontainer/rootfs ] && exit 0
if [ -d /tmp/mycontainer ]; then
  echo 'The folder /tmp/mycontainer is there; it still needs a folder named rootfs in it.'
else
  echo 'There is no folder /tmp/mycontainer/rootfs yet.'
fi
exit 1
