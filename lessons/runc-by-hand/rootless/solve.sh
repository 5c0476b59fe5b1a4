#!/bin/bash
# The container of an ordinary user, from the bundle that was prepared and edited.
runc --root /tmp/learner delete --force r1
sudo -iu learner runc --root /tmp/learner run --detach --bundle bundle r1 </dev/null >/dev/null 2>&1
