/**
 * Programs for the kernel's eBPF machine, put together by hand: a few instructions need no compiler.
 *
 * An instruction has eight bytes: opcode u8, destination register u4, source register u4,
 * offset i16, immediate i32. R0 is a result, R1 to R5 are arguments and are lost in a call, R6 to R9
 * are kept, R10 is the end of the stack. Operations are named as in the RFC; those that end in 32 work on
 * the lower half of a register and clear the upper one.
 *
 * Source: RFC 9669; linux/bpf.h, bpf-helpers(7).
 */

const INSTRUCTION_BYTES = 8;

export type Register = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10;

/** Operations of arithmetic. */
export const Alu = {
  ADD: 0x00,
  SUB: 0x10,
  MUL: 0x20,
  OR: 0x40,
  AND: 0x50,
  LSH: 0x60,
  RSH: 0x70,
  XOR: 0xa0,
  MOV: 0xb0,
} as const;
type Alu = (typeof Alu)[keyof typeof Alu];

/** Conditions of a jump; numbers are unsigned. */
export const If = {
  EQ: 0x10,
  GT: 0x20,
  GE: 0x30,
  SET: 0x40,
  NE: 0x50,
  LT: 0xa0,
  LE: 0xb0,
} as const;
type If = (typeof If)[keyof typeof If];

/** Sizes of what is loaded or stored. */
export const Size = { U32: 0x00, U16: 0x08, U8: 0x10, U64: 0x18 } as const;
type Size = (typeof Size)[keyof typeof Size];

/** Functions of the kernel. */
export const Helper = {
  /** Nanoseconds of CLOCK_MONOTONIC. */
  KTIME_GET_NS: 5,
  GET_SMP_PROCESSOR_ID: 8,
  /**
   * Arguments in R1 to R3: the context, the interface's index, and flags. Sends a copy of the frame before it returns,
   * and then the program's pointers into the frame are void. Its result is an errno, below 0, or what the interface says.
   */
  CLONE_REDIRECT: 13,
  /** Arguments in R1 and R2: the interface's index, and flags. Its result is what the program returns. */
  REDIRECT: 23,
  /** Arguments in R1 and R2: the context, and PACKET_*. */
  SKB_CHANGE_TYPE: 32,
  /** Arguments as for REDIRECT. The frame enters the other end of this veth pair. Linux 5.10. */
  REDIRECT_PEER: 155,
  /** Nanoseconds of CLOCK_MONOTONIC_COARSE. Linux 5.11. */
  KTIME_GET_COARSE_NS: 160,
} as const;

/** Classes of instructions. */
const LD = 0x00;
const LDX = 0x01;
const ST = 0x02;
const STX = 0x03;
const ALU32 = 0x04;
const JMP = 0x05;
const ALU64 = 0x07;
/** The operand is an immediate, or a register. */
const K = 0x00;
const X = 0x08;
const MEM = 0x60;
const END = 0xd0;
const TO_BIG_ENDIAN = 0x08;
const CALL = 0x80;
const EXIT = 0x90;
/** Source register of a 64-bit immediate that is an offset in the memory of a map. */
const PSEUDO_MAP_VALUE = 2;

/** Instructions, with jumps to labels that may come later. */
export class Assembly {
  private readonly bytes: Buffer[] = [];
  private readonly labels = new Map<string, number>();
  private readonly jumps: { readonly at: number; readonly label: string }[] = [];

  label(name: string): this {
    if (this.labels.has(name)) throw new Error(`two labels ${name}`);
    this.labels.set(name, this.bytes.length);
    return this;
  }

  /** R = R op immediate. */
  alu(operation: Alu, to: Register, immediate: number): this {
    return this.add(ALU64 | K | operation, to, 0, 0, immediate);
  }

  /** R = R op R. */
  aluR(operation: Alu, to: Register, from: Register): this {
    return this.add(ALU64 | X | operation, to, from, 0, 0);
  }

  alu32(operation: Alu, to: Register, immediate: number): this {
    return this.add(ALU32 | K | operation, to, 0, 0, immediate);
  }

  alu32R(operation: Alu, to: Register, from: Register): this {
    return this.add(ALU32 | X | operation, to, from, 0, 0);
  }

  /** Turns 16 bits that were loaded in network order into a number. */
  fromNetwork16(register: Register): this {
    return this.add(ALU32 | TO_BIG_ENDIAN | END, register, 0, 0, 16);
  }

  /** R = what lies at R plus offset. */
  load(size: Size, to: Register, from: Register, offset: number): this {
    return this.add(LDX | MEM | size, to, from, offset, 0);
  }

  /** What lies at R plus offset = R. */
  store(size: Size, to: Register, offset: number, from: Register): this {
    return this.add(STX | MEM | size, to, from, offset, 0);
  }

  /** What lies at R plus offset = immediate. */
  storeNumber(size: Size, to: Register, offset: number, immediate: number): this {
    return this.add(ST | MEM | size, to, 0, offset, immediate);
  }

  /** R = address in the memory of an eBPF map of one element. */
  address(to: Register, mapFd: number, offset: number): this {
    this.add(LD | 0x18, to, PSEUDO_MAP_VALUE, 0, mapFd);
    return this.add(0, 0, 0, 0, offset);
  }

  jump(label: string): this {
    this.jumps.push({ at: this.bytes.length, label });
    return this.add(JMP | 0, 0, 0, 0, 0);
  }

  /** Jumps if R and the immediate are so. */
  jumpIf(condition: If, register: Register, immediate: number, label: string): this {
    this.jumps.push({ at: this.bytes.length, label });
    return this.add(JMP | K | condition, register, 0, 0, immediate);
  }

  jumpIfR(condition: If, register: Register, other: Register, label: string): this {
    this.jumps.push({ at: this.bytes.length, label });
    return this.add(JMP | X | condition, register, other, 0, 0);
  }

  call(helper: number): this {
    return this.add(JMP | CALL, 0, 0, 0, helper);
  }

  exit(): this {
    return this.add(JMP | EXIT, 0, 0, 0, 0);
  }

  /** @throws Error for a jump to a label that there is not */
  assemble(): Buffer {
    for (const { at, label } of this.jumps) {
      const target = this.labels.get(label);
      if (target === undefined) throw new Error(`no label ${label}`);
      (this.bytes[at] as Buffer).writeInt16LE(target - at - 1, 2);
    }
    return Buffer.concat(this.bytes);
  }

  private add(
    opcode: number,
    destination: number,
    source: number,
    offset: number,
    immediate: number,
  ): this {
    const bytes = Buffer.alloc(INSTRUCTION_BYTES);
    bytes.writeUInt8(opcode, 0);
    bytes.writeUInt8(destination | (source << 4), 1);
    bytes.writeInt16LE(offset, 2);
    bytes.writeInt32LE(immediate | 0, 4);
    this.bytes.push(bytes);
    return this;
  }
}

/** Flag of a redirect: the frame leaves by the interface, as if a program had sent it there. */
const TO_EGRESS = 0;

/** Sends each frame out of the interface of this index. */
export function redirectProgram(index: number): Buffer {
  return redirect(new Assembly().alu(Alu.MOV, 1, index)).assemble();
}

/** Ends a program: the frame leaves by the interface whose index is in R1. */
export function redirect(program: Assembly): Assembly {
  return program.alu(Alu.MOV, 2, TO_EGRESS).call(Helper.REDIRECT).exit();
}
