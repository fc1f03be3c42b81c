"""Prints what a TAP leaves undone, and how long its vnet header is, as JSON: tap_offloads.py NAME

The header's length can be asked of a descriptor alone, so that it attaches to the TAP.

Source: linux/ethtool.h, linux/if_tun.h
"""

import ctypes
import fcntl
import json
import os
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
ETHTOOL_GTXCSUM = 0x16
ETHTOOL_GTSO = 0x1E
TUNSETIFF = 0x400454CA
TUNGETVNETHDRSZ = 0x800454D7
IFF_TAP = 0x0002
IFF_MULTI_QUEUE = 0x0100
IFF_NO_PI = 0x1000

name = sys.argv[1].encode()


def is_on(command):
    value = ctypes.create_string_buffer(struct.pack("II", command, 0))
    request = struct.pack("16sQ16x", name, ctypes.addressof(value))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCETHTOOL, request)
    return struct.unpack("II", value.raw[:8])[1] != 0


offloads = {"checksum": is_on(ETHTOOL_GTXCSUM), "segmentation": is_on(ETHTOOL_GTSO)}
tun = os.open("/dev/net/tun", os.O_RDWR)
flags = IFF_TAP | IFF_NO_PI
try:
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name, flags))
except OSError:
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name, flags | IFF_MULTI_QUEUE))
header = fcntl.ioctl(tun, TUNGETVNETHDRSZ, struct.pack("i", 0))
print(json.dumps({**offloads, "headerBytes": struct.unpack("i", header)[0]}))
