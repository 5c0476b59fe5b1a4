#!/bin/bash
# The copy of the bundle that the edits change.
rm -rf /tmp/userns && cp -a /tmp/mycontainer /tmp/userns
