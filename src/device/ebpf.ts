/**
 * Programs for the kernel's eBPF machine, put together by hand: a few instructions need no compiler.
 *
 * An instruction has eight bytes: opcode u8, destination register u4, source register u4,
 * offset i16, immediate i32. R0 is a result, R1 to R5 are arguments.
 *
 * Source: RFC 9669; linux/bpf.h, bpf-helpers(7).
 */

const INSTRUCTION_BYTES = 8;

/** BPF_ALU64 | BPF_MOV | BPF_K, BPF_JMP | BPF_CALL, BPF_JMP | BPF_EXIT. */
const MOVE_IMMEDIATE = 0xb7;
const CALL = 0x85;
const EXIT = 0x95;

/** Arguments in R1 and R2: the interface's index, and flags. Its result is what the program returns. */
const HELPER_REDIRECT = 23;
/** Flag 0: the frame leaves by the interface, as if a program had sent it there. */
const TO_EGRESS = 0;

/** Sends each frame out of the interface of this index: bpf_redirect. */
export function redirectProgram(index: number): Buffer {
  return Buffer.concat([
    instruction(MOVE_IMMEDIATE, 1, index),
    instruction(MOVE_IMMEDIATE, 2, TO_EGRESS),
    instruction(CALL, 0, HELPER_REDIRECT),
    instruction(EXIT, 0, 0),
  ]);
}

function instruction(opcode: number, destination: number, immediate: number): Buffer {
  const bytes = Buffer.alloc(INSTRUCTION_BYTES);
  bytes.writeUInt8(opcode, 0);
  bytes.writeUInt8(destination, 1);
  bytes.writeInt32LE(immediate, 4);
  return bytes;
}
