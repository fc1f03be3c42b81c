#!/bin/sh
# booted-systemd.sh FOLDER NSPAWN CLONE [OPTION]...: boots systemd in a container, until SIGTERM. Its root is this machine's, and
# what it writes goes to memory, which is at FOLDER. In /opt/tapswitch it has the program of the clone. Runs in a mount namespace of its own.
set -eu
memory=$1 nspawn=$2 clone=$3
shift 3
mount -t tmpfs tmpfs "$memory"
cd "$memory"
mkdir written work root
# A machine with udev has this mode, one without need not.
mknod tun c 10 200
chmod 666 tun
mount -t overlay overlay -o lowerdir=/,upperdir=written,workdir=work root
: > root/etc/machine-id
# Services of this machine do not run in the container.
rm -f root/etc/systemd/system/*.wants/*
mkdir -p root/opt/tapswitch/build
cp -r "$clone/package.json" "$clone/contrib" "$clone/dist" root/opt/tapswitch
cp -r "$clone/build/Release" root/opt/tapswitch/build
chmod 755 root/opt
chmod -R go+rX root/opt/tapswitch
exec "$nspawn" --quiet --directory=root --boot --register=no --private-network --console=pipe --bind="$memory/tun:/dev/net/tun" \
  --capability=CAP_BPF --system-call-filter=bpf "$@" -- --unit=basic.target
