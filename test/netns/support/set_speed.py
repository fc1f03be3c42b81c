"""Sets the speed that an interface reports, as "ethtool -s NAME speed MBPS" does: set_speed.py NAME MBPS.

Source: linux/ethtool.h, struct ethtool_cmd.
"""

import array
import fcntl
import socket
import struct
import sys

SIOCETHTOOL = 0x8946
ETHTOOL_SSET = 2
DUPLEX_FULL = 1

name, speed = sys.argv[1], int(sys.argv[2])
command = array.array("B", bytes(44))
struct.pack_into("I", command, 0, ETHTOOL_SSET)
struct.pack_into("HB", command, 12, speed & 0xFFFF, DUPLEX_FULL)
struct.pack_into("H", command, 28, speed >> 16)
address, _ = command.buffer_info()
with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
    fcntl.ioctl(control, SIOCETHTOOL, struct.pack("16sP16x", name.encode(), address))
