"""Runs a program without io_uring, as in many containers: without_io_uring.py PROGRAM ARGUMENT..."""

import sys

from system_call_filter import NUMBER, run_without

IO_URING_SETUP = 425  # the same on every architecture

run_without(NUMBER, IO_URING_SETUP, sys.argv[1:])
