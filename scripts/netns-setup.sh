#!/bin/sh
# Three hosts for a switch: network namespaces, each with a TAP and addresses.
#
#      namespace red             namespace green           namespace blue
#   +--------------------+    +--------------------+    +--------------------+
#   | 198.51.100.1/24    |    | 198.51.100.2/24    |    | 198.51.100.3/24    |
#   | 2001:db8::1/64     |    | 2001:db8::2/64     |    | 2001:db8::3/64     |
#   | 02:00:00:00:00:01  |    | 02:00:00:00:00:02  |    | 02:00:00:00:00:03  |
#   |     TAP "tap0"     |    |  "tap0" or "tap1"  |    |  "tap0" or "tap2"  |
#   +---------+----------+    +---------+----------+    +---------+----------+
#             |                         |                         |
#             | the kernel's end: the host's network card         |
#   ..........|.........................|.........................|...........
#             | the descriptor: the switch's end                  |
#   +---------+-------------------------+-------------------------+----------+
#   |                node dist/switch.js  (any namespace)                    |
#   +------------------------------------------------------------------------+
#
# `up` works in both orders:
#   - before the switch: it makes a persistent "tap0" in each namespace, and the switch attaches:
#       sudo scripts/netns-setup.sh up
#       sudo node dist/switch.js tap0@red tap0@green tap0@blue
#   - after the switch: it moves the switch's TAPs into the namespaces:
#       sudo node dist/switch.js tap0 tap1 tap2
#       sudo scripts/netns-setup.sh up
#
# `up veth` gives each host the end "eth0" of a veth pair instead of a TAP. The other ends are red0, green0
# and blue0:
#       sudo scripts/netns-setup.sh up veth
#       sudo node dist/switch.js nic:red0 nic:green0 nic:blue0
# A host in which a switch has made "eth0" (veth:eth0@red) gets the addresses only.
#
# Each command can be repeated: it finishes what is not done yet. The script changes only namespaces
# that it has made itself.

set -eu

HOSTS='red green blue'
# Alias of the loopback interface in a namespace that this script has made.
MARK='tapswitch lab'

usage() {
  cat <<'USAGE'
Usage: netns-setup.sh up [veth] | down | status

  up      make the namespaces red, green and blue, each with a TAP and addresses;
          if a running switch has made tap0, tap1 and tap2, move these TAPs in
  up veth the same with veth pairs, whose other ends are red0, green0 and blue0
  down    remove the namespaces; move the TAPs of a running switch back
  status  show the hosts; exit status 1 unless all of them are there
USAGE
}

complain() {
  echo "netns-setup: $*" >&2
}

die() {
  complain "$@"
  exit 1
}

main() {
  case "${1-}" in
    up) [ $# -eq 1 ] || [ "$*" = 'up veth' ] || die_of_usage "$*" ;;
    down | status) [ $# -eq 1 ] || die_of_usage "$*" ;;
    -h | --help) usage && exit 0 ;;
    *) die_of_usage "$*" ;;
  esac
  command -v ip >/dev/null || die "there is no 'ip'; run: apt-get install iproute2"
  [ "$(id -u)" -eq 0 ] || die "network namespaces need root; run: sudo $0 $*"
  if [ "$*" = 'up veth' ]; then up_veth; else "$1"; fi
}

die_of_usage() {
  complain "expected one of up, up veth, down, status; got \"$*\""
  exit 2
}

up() {
  for host in $HOSTS; do
    make_namespace "$host"
  done
  for host in $HOSTS; do
    [ -z "$(veth_in "$host")" ] || die "$host has a veth pair; remove it first: $0 down"
  done
  move=$(may_move)
  for host in $HOSTS; do
    tap=$(tap_in "$host")
    if [ -z "$tap" ] && [ "$move" = yes ]; then
      tap=$(tap_of_switch "$host")
      ip link set "$tap" netns "$host" || die "$tap cannot be moved into $host"
    elif [ -z "$tap" ]; then
      tap=tap0
      ip -n "$host" tuntap add "$tap" mode tap || die "no TAP can be made; try: modprobe tun"
    fi
    # A move removes the addresses and sets the interface down.
    configure "$host" "$tap"
  done
}

up_veth() {
  for host in $HOSTS; do
    make_namespace "$host"
  done
  for host in $HOSTS; do
    [ -z "$(tap_in "$host")" ] || die "$host has a TAP; remove it first: $0 down"
    veth=$(veth_in "$host")
    if [ -z "$veth" ]; then
      veth=eth0
      ip link add "${host}0" type veth peer name "$veth" netns "$host" ||
        die "no veth pair can be made; try: modprobe veth"
      ip link set "${host}0" alias "$MARK" up
    fi
    configure "$host" "$veth"
  done
}

down() {
  for host in $HOSTS; do
    is_there "$host" || continue
    is_ours "$host" || die "namespace $host was not made by this script; it stays"
    tap=$(passing_tap_in "$host")
    if [ -n "$tap" ]; then
      ip -n "$host" link set "$tap" netns $$ || die "$tap cannot be moved out of $host"
      ip link set "$tap" up
    fi
    # The kernel removes what is in a namespace some time after its name.
    if ip link show "${host}0" 2>/dev/null | grep -q "alias $MARK\$"; then
      ip link delete "${host}0"
    fi
    ip netns delete "$host"
  done
}

status() {
  missing=0
  for host in $HOSTS; do
    if ! is_there "$host"; then
      echo "$host: no namespace"
      missing=1
      continue
    fi
    tap=$(tap_in "$host")
    veth=$(veth_in "$host")
    if [ -n "$tap" ]; then
      echo "$host: $tap, $(switch_at "$host" "$tap"), $(addresses_of "$host" "$tap")"
    elif [ -n "$veth" ]; then
      echo "$host: $veth, $(switch_behind "$host"), $(addresses_of "$host" "$veth")"
    else
      echo "$host: no TAP"
      missing=1
    fi
  done
  return $missing
}

# The hosts ------------------------------------------------------------------------------------

number_of() {
  case "$1" in
    red) echo 1 ;;
    green) echo 2 ;;
    blue) echo 3 ;;
  esac
}

is_there() {
  ip netns list | grep -q "^$1\( \|\$\)"
}

is_ours() {
  ip -n "$1" link show lo | grep -q "alias $MARK\$"
}

make_namespace() {
  if is_there "$1"; then
    is_ours "$1" || die "namespace $1 was not made by this script; rename or delete it first"
    return
  fi
  ip netns add "$1" || die "namespace $1 cannot be made"
  ip -n "$1" link set lo alias "$MARK" up
}

configure() {
  number=$(number_of "$1")
  ip -n "$1" link set "$2" address "02:00:00:00:00:0$number" up
  ip -n "$1" address replace "198.51.100.$number/24" dev "$2"
  # nodad saves the time of duplicate address detection: no other host has this address.
  ip -n "$1" address replace "2001:db8::$number/64" dev "$2" nodad
}

# The TAPs -------------------------------------------------------------------------------------

# Names of TAPs: taps PATTERN [-n NAMESPACE]. The pattern matches the output of `ip -d link`.
# (`ip tuntap` reads them from /sys, which may show another namespace than NAMESPACE.)
taps() {
  pattern=$1
  shift
  ip "$@" -d -o link show type tun | sed -n "s/^[0-9]*: \([^:@]*\): .*type tap .*$pattern.*/\1/p"
}

# The name of the TAP in a namespace; empty where there is none.
tap_in() {
  taps '' -n "$1" | head -n 1
}

# The name of a TAP in a namespace that disappears with the switch that made it; empty if none.
passing_tap_in() {
  taps 'persist off' -n "$1" | head -n 1
}

# The name of a host's port in a switch that was started with "tap0 tap1 tap2".
tap_of_switch() {
  echo "tap$(($(number_of "$1") - 1))"
}

# "yes" if this namespace has a TAP for every host without one. Fewer do not belong to a switch for
# this lab.
may_move() {
  for host in $HOSTS; do
    [ -z "$(tap_in "$host")" ] || continue
    taps '' | grep -qx "$(tap_of_switch "$host")" || return 0
  done
  echo yes
}

# The name of the end of a veth pair in a namespace; empty where there is none.
veth_in() {
  ip -n "$1" -o link show type veth | sed -n 's/^[0-9]*: \([^:@]*\)[:@].*/\1/p' | head -n 1
}

# A switch that has taken the other end of a pair has a TAP beside it. Without such an end here, a switch
# has made the pair.
switch_behind() {
  if ip link show "${1}0" >/dev/null 2>&1 && ! ip link show "~${1}0" >/dev/null 2>&1; then
    echo 'no switch'
  else
    echo 'switch attached'
  fi
}

# A TAP has a carrier while a program holds its descriptor.
switch_at() {
  if ip -n "$1" link show "$2" | grep -q 'LOWER_UP'; then
    echo 'switch attached'
  else
    echo 'no switch'
  fi
}

addresses_of() {
  ip -n "$1" -br address show "$2" | awk '{ $1 = $2 = ""; print }' | xargs
}

main "$@"
