#!/bin/bash
# The types of the namespaces, one a line.
cd /tmp/mycontainer || exit 1
jq -r '.linux.namespaces[].type' config.json > namespaces.txt
