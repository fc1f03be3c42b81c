"""Runs a program without bpf(2), as in many containers: without_bpf.py PROGRAM ARGUMENT..."""

import platform
import sys

from system_call_filter import NUMBER, run_without

BPF = 321 if platform.machine() == "x86_64" else 280

run_without(NUMBER, BPF, sys.argv[1:])
