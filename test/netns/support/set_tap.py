"""Sets the settings of a TAP that outlive its reader, as a virtual machine monitor does: set_tap.py NAME

They are a vnet header of 12 bytes, and every offload. The TAP must exist, and nobody may hold it.

Source: linux/if_tun.h
"""

import fcntl
import os
import struct
import sys

TUNSETIFF = 0x400454CA
TUNSETVNETHDRSZ = 0x400454D8
TUNSETOFFLOAD = 0x400454D0
IFF_TAP = 0x0002
IFF_NO_PI = 0x1000
IFF_VNET_HDR = 0x4000
TUN_F_CSUM_TSO4_TSO6 = 0x07

tun = os.open("/dev/net/tun", os.O_RDWR)
flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR
fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", sys.argv[1].encode(), flags))
fcntl.ioctl(tun, TUNSETVNETHDRSZ, struct.pack("i", 12))
fcntl.ioctl(tun, TUNSETOFFLOAD, TUN_F_CSUM_TSO4_TSO6)
