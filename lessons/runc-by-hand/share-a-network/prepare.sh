#!/bin/bash
# The second bundle that the edits change.
mkdir -p /tmp/probe && cp /tmp/mycontainer/config.json /tmp/probe/
