"""Runs a program that cannot open a TAP for super-frames: without_vnet_header.py PROGRAM ARGUMENT..."""

import sys

from system_call_filter import SECOND_ARGUMENT, run_without

TUNSETVNETHDRSZ = 0x400454D8  # linux/if_tun.h; no call but ioctl() has this for an argument

run_without(SECOND_ARGUMENT, TUNSETVNETHDRSZ, sys.argv[1:])
