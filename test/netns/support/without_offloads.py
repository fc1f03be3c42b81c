"""Runs a program that cannot change a TAP's offloads: without_offloads.py PROGRAM ARGUMENT..."""

import sys

from system_call_filter import SECOND_ARGUMENT, run_without

TUNSETOFFLOAD = 0x400454D0  # linux/if_tun.h; no call but ioctl() has this for an argument

run_without(SECOND_ARGUMENT, TUNSETOFFLOAD, sys.argv[1:])
