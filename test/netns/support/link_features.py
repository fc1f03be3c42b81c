"""Prints the work that an interface leaves to its reader, as JSON: link_features.py NAME

Source: linux/ethtool.h
"""

import ctypes
import fcntl
import json
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
ETHTOOL_GTXCSUM = 0x16
ETHTOOL_GTSO = 0x1E


def is_on(name, command):
    value = ctypes.create_string_buffer(struct.pack("II", command, 0))
    request = struct.pack("16sQ16x", name, ctypes.addressof(value))
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, SIOCETHTOOL, request)
    return struct.unpack("II", value.raw[:8])[1] != 0


def features(name):
    return {
        "checksum": is_on(name, ETHTOOL_GTXCSUM),
        "segmentation": is_on(name, ETHTOOL_GTSO),
    }


if __name__ == "__main__":
    print(json.dumps(features(sys.argv[1].encode())))
