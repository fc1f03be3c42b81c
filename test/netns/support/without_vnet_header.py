"""Runs a program that cannot use vnet headers on TAPs: without_vnet_header.py PROGRAM ARGUMENT..."""

import sys

from system_call_filter import SECOND_ARGUMENT, run_without

TUNGETVNETHDRSZ = 0x800454D7  # linux/if_tun.h; no call but ioctl() has this for an argument

run_without(SECOND_ARGUMENT, TUNGETVNETHDRSZ, sys.argv[1:])
