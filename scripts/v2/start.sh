#!/bin/bash
# Runs in the machine as its only purpose: gives the job a copy of the checkout that it may write to, runs it, ends the machine.
set -e
trap 'echo $? > /run/exchange/result; sync; exec systemctl --force --force poweroff' EXIT
. /run/exchange/environment
# Not every kernel knows the name of the option.
outside() { mkdir -p "$2" && { mount -t hostfs -o "ro,hostfs=$1" none "$2" 2>/dev/null || mount -t hostfs -o "ro,$1" none "$2"; }; }
outside /kernel /run/kernel
outside /checkout /run/checkout
for module in overlay loop fuse tun veth; do modprobe -q $module || true; done
mkdir -p /var/copy/upper /var/copy/work /lab "$LAB_IMAGE_DIR"
mount -t overlay -o lowerdir=/run/checkout,upperdir=/var/copy/upper,workdir=/var/copy/work overlay /lab
# Where it is outside: the path of its libraries is written in the image's runc.
mount /dev/ubdb "$LAB_IMAGE_DIR"
ip link set lo up
cd /lab
# A process of its own, so that whatever it does the machine ends.
bash /run/exchange/job || exit $?
