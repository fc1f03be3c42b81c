"""What Linux makes of a super-frame: the other half of offload.test.ts.

Runs as root in a network namespace of its own (unshare --net). Two TAPs hang on a bridge: `in0`
takes frames with a vnet header, `out0` has no offload at all, so that the kernel must segment what
it forwards there. For each line "VNET FRAME" (hex) on standard input, prints one line of JSON:
    {"errno": null, "frames": ["...", ...]}
errno is the name of the error that writing met. A marker frame behind each one says when its
segments are complete: the bridge keeps their order, and nobody waits for a time.
"""

import errno
import fcntl
import glob
import json
import os
import struct
import subprocess
import sys

TUNSETIFF = 0x400454CA
IFF_TAP, IFF_NO_PI, IFF_VNET_HDR = 0x0002, 0x1000, 0x4000
READ_BYTES = 1 << 17
PLAIN = bytes(10)
# IEEE 802 local experimental EtherType 1.
MARKER = bytes.fromhex("02000000000b" "02000000000a" "88b5") + bytes(46)


def open_tap(name, flags):
    descriptor = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(descriptor, TUNSETIFF, struct.pack("16sH22x", name.encode(), flags))
    return descriptor


def write_settings(pattern, value):
    for path in glob.glob(pattern):
        with open(path, "w") as setting:
            setting.write(value)


def make_bridge():
    # Only the test may send here, and netfilter must not see the frames that the bridge forwards.
    write_settings("/proc/sys/net/ipv6/conf/*/disable_ipv6", "1")
    write_settings("/proc/sys/net/bridge/bridge-nf-call-*", "0")
    entrance = open_tap("in0", IFF_TAP | IFF_NO_PI | IFF_VNET_HDR)
    exit_ = open_tap("out0", IFF_TAP | IFF_NO_PI)
    batch = """
        link add br0 type bridge mcast_snooping 0
        link set in0 master br0 up
        link set out0 master br0 txqueuelen 10000 up
        link set br0 up
    """
    subprocess.run(["ip", "-batch", "-"], input=batch, text=True, check=True)
    return entrance, exit_


def forward(entrance, exit_, header, frame):
    failure = None
    try:
        os.write(entrance, header + frame)
    except OSError as error:
        failure = errno.errorcode[error.errno]
    os.write(entrance, PLAIN + MARKER)
    frames = []
    while (received := os.read(exit_, READ_BYTES)) != MARKER:
        frames.append(received.hex())
    return {"errno": failure, "frames": frames}


def main():
    entrance, exit_ = make_bridge()
    for line in sys.stdin:
        header, frame = (bytes.fromhex(field) for field in line.split())
        print(json.dumps(forward(entrance, exit_, header, frame)))


main()
