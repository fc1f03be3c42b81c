"""Has the kernel finish checksums and segments before an interface sends: plain_link.py NAME

Source: linux/ethtool.h
"""

import ctypes
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM = 0x17
ETHTOOL_STSO = 0x1F
ETHTOOL_SGSO = 0x24

with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    for command in (ETHTOOL_STXCSUM, ETHTOOL_STSO, ETHTOOL_SGSO):
        value = ctypes.create_string_buffer(struct.pack("II", command, 0))
        request = struct.pack("16sQ16x", sys.argv[1].encode(), ctypes.addressof(value))
        fcntl.ioctl(control, SIOCETHTOOL, request)
