"""Prints the offloads of a TAP and the length of its vnet header, as JSON: tap_offloads.py NAME

The program attaches to the TAP, because only a descriptor gives the length of the header.

Source: linux/if_tun.h
"""

import fcntl
import json
import os
import struct
import sys

from link_features import features

TUNSETIFF = 0x400454CA
TUNGETVNETHDRSZ = 0x800454D7
IFF_TAP = 0x0002
IFF_MULTI_QUEUE = 0x0100
IFF_NO_PI = 0x1000

name = sys.argv[1].encode()
offloads = features(name)
tun = os.open("/dev/net/tun", os.O_RDWR)
flags = IFF_TAP | IFF_NO_PI
try:
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name, flags))
except OSError:
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name, flags | IFF_MULTI_QUEUE))
header = fcntl.ioctl(tun, TUNGETVNETHDRSZ, struct.pack("i", 0))
print(json.dumps({**offloads, "headerBytes": struct.unpack("i", header)[0]}))
