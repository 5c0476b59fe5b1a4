#!/bin/bash
# An ordinary user, and a rootless bundle that belongs to them.
id learner >/dev/null 2>&1 || useradd --create-home learner
sudo -iu learner mkdir -p bundle
cp -a /tmp/mycontainer/rootfs /home/learner/bundle/
chown -R learner: /home/learner/bundle
rm -f /home/learner/bundle/config.json
sudo -iu learner runc spec --rootless --bundle bundle
