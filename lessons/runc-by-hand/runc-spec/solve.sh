#!/bin/bash
# The spec as runC writes it.
cd /tmp/mycontainer || exit 1
[ -e config.json ] || runc spec
