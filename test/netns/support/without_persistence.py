"""Runs a program that cannot make a TAP stay: without_persistence.py PROGRAM ARGUMENT..."""

import sys

from system_call_filter import SECOND_ARGUMENT, run_without

TUNSETPERSIST = 0x400454CB  # linux/if_tun.h; no call but ioctl() has this for an argument

run_without(SECOND_ARGUMENT, TUNSETPERSIST, sys.argv[1:])
