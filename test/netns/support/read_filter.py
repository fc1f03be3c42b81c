"""Says what a process's system call filter answers: read_filter.py PID < lines, each NAME NUMBER [ARGUMENT]...

For each line one word: allow, or the number of the errno. The filter is the kernel's own copy, read by
ptrace(2) and run here: a process that has it can hardly make such calls to show it. x86-64 only.
"""

import ctypes
import os
import struct
import sys

PTRACE_ATTACH = 16
PTRACE_DETACH = 17
PTRACE_SECCOMP_GET_FILTER = 0x420C

AUDIT_ARCH_X86_64 = 0xC000003E
ACTION = 0xFFFF0000
ALLOW = 0x7FFF0000
ERRNO = 0x00050000

LOAD_WORD = 0x20  # BPF_LD | BPF_W | BPF_ABS
RETURN = 0x06  # BPF_RET | BPF_K
JUMPS = {
    0x15: lambda value, operand: value == operand,  # BPF_JMP | BPF_JEQ | BPF_K
    0x35: lambda value, operand: value >= operand,  # BPF_JMP | BPF_JGE | BPF_K
    0x45: lambda value, operand: value & operand != 0,  # BPF_JMP | BPF_JSET | BPF_K
}

libc = ctypes.CDLL(None, use_errno=True)
libc.ptrace.argtypes = [ctypes.c_ulong, ctypes.c_ulong, ctypes.c_void_p, ctypes.c_void_p]
libc.ptrace.restype = ctypes.c_long


def ptrace(request, pid, address, data):
    result = libc.ptrace(request, pid, address, data)
    if result < 0:
        sys.exit(f"ptrace: {os.strerror(ctypes.get_errno())}")
    return result


def read_filter(pid):
    """The instructions of the only filter of a process, as tuples (code, jump true, jump false, operand)."""
    ptrace(PTRACE_ATTACH, pid, None, None)
    try:
        os.waitpid(pid, 0)
        length = ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, None)
        memory = ctypes.create_string_buffer(8 * length)
        ptrace(PTRACE_SECCOMP_GET_FILTER, pid, 0, memory)
    finally:
        ptrace(PTRACE_DETACH, pid, None, None)
    return list(struct.iter_unpack("HBBI", memory.raw))


def run(program, architecture, number, arguments):
    """What the program returns for a call: linux/seccomp.h, struct seccomp_data."""
    padded = (arguments + [0] * 6)[:6]
    data = struct.pack("IIQ6Q", number, architecture, 0, *padded)
    value, at = 0, 0
    while True:
        code, jump_true, jump_false, operand = program[at]
        at += 1
        if code == RETURN:
            return operand
        if code == LOAD_WORD:
            (value,) = struct.unpack_from("I", data, operand)
        else:
            at += jump_true if JUMPS[code](value, operand) else jump_false


program = read_filter(int(sys.argv[1]))
for line in sys.stdin:
    name, *numbers = line.split()
    number, *arguments = (int(text, 0) for text in numbers)
    architecture = AUDIT_ARCH_X86_64 if name != "other-architecture" else 0x40000003
    action = run(program, architecture, number, arguments)
    answer = "allow" if action == ALLOW else action & 0xFFFF if action & ACTION == ERRNO else hex(action)
    print(name, answer)
