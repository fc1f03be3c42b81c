"use strict";
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
Object.defineProperty(exports, "__esModule", { value: true });
exports.Assembly = exports.Helper = exports.Size = exports.If = exports.Alu = void 0;
exports.redirectProgram = redirectProgram;
exports.redirect = redirect;
const INSTRUCTION_BYTES = 8;
/** Operations of arithmetic. */
exports.Alu = {
    ADD: 0x00,
    SUB: 0x10,
    MUL: 0x20,
    OR: 0x40,
    AND: 0x50,
    LSH: 0x60,
    RSH: 0x70,
    XOR: 0xa0,
    MOV: 0xb0,
};
/** Conditions of a jump; numbers are unsigned. */
exports.If = {
    EQ: 0x10,
    GT: 0x20,
    GE: 0x30,
    SET: 0x40,
    NE: 0x50,
    LT: 0xa0,
    LE: 0xb0,
};
/** Sizes of what is loaded or stored. */
exports.Size = { U32: 0x00, U16: 0x08, U8: 0x10, U64: 0x18 };
/** Functions of the kernel. */
exports.Helper = {
    /** Nanoseconds of CLOCK_MONOTONIC. */
    KTIME_GET_NS: 5,
    GET_SMP_PROCESSOR_ID: 8,
    /** Arguments in R1 and R2: the interface's index, and flags. Its result is what the program returns. */
    REDIRECT: 23,
    /** Arguments in R1 and R2: the context, and PACKET_*. */
    SKB_CHANGE_TYPE: 32,
    /** Arguments as for REDIRECT. The frame enters the other end of this veth pair. Linux 5.10. */
    REDIRECT_PEER: 155,
    /** Nanoseconds of CLOCK_MONOTONIC_COARSE. Linux 5.11. */
    KTIME_GET_COARSE_NS: 160,
};
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
class Assembly {
    bytes = [];
    labels = new Map();
    jumps = [];
    label(name) {
        if (this.labels.has(name))
            throw new Error(`two labels ${name}`);
        this.labels.set(name, this.bytes.length);
        return this;
    }
    /** R = R op immediate. */
    alu(operation, to, immediate) {
        return this.add(ALU64 | K | operation, to, 0, 0, immediate);
    }
    /** R = R op R. */
    aluR(operation, to, from) {
        return this.add(ALU64 | X | operation, to, from, 0, 0);
    }
    alu32(operation, to, immediate) {
        return this.add(ALU32 | K | operation, to, 0, 0, immediate);
    }
    alu32R(operation, to, from) {
        return this.add(ALU32 | X | operation, to, from, 0, 0);
    }
    /** Turns 16 bits that were loaded in network order into a number. */
    fromNetwork16(register) {
        return this.add(ALU32 | TO_BIG_ENDIAN | END, register, 0, 0, 16);
    }
    /** R = what lies at R plus offset. */
    load(size, to, from, offset) {
        return this.add(LDX | MEM | size, to, from, offset, 0);
    }
    /** What lies at R plus offset = R. */
    store(size, to, offset, from) {
        return this.add(STX | MEM | size, to, from, offset, 0);
    }
    /** What lies at R plus offset = immediate. */
    storeNumber(size, to, offset, immediate) {
        return this.add(ST | MEM | size, to, 0, offset, immediate);
    }
    /** R = address in the memory of an eBPF map of one element. */
    address(to, mapFd, offset) {
        this.add(LD | 0x18, to, PSEUDO_MAP_VALUE, 0, mapFd);
        return this.add(0, 0, 0, 0, offset);
    }
    jump(label) {
        this.jumps.push({ at: this.bytes.length, label });
        return this.add(JMP | 0, 0, 0, 0, 0);
    }
    /** Jumps if R and the immediate are so. */
    jumpIf(condition, register, immediate, label) {
        this.jumps.push({ at: this.bytes.length, label });
        return this.add(JMP | K | condition, register, 0, 0, immediate);
    }
    jumpIfR(condition, register, other, label) {
        this.jumps.push({ at: this.bytes.length, label });
        return this.add(JMP | X | condition, register, other, 0, 0);
    }
    call(helper) {
        return this.add(JMP | CALL, 0, 0, 0, helper);
    }
    exit() {
        return this.add(JMP | EXIT, 0, 0, 0, 0);
    }
    /** @throws Error for a jump to a label that there is not */
    assemble() {
        for (const { at, label } of this.jumps) {
            const target = this.labels.get(label);
            if (target === undefined)
                throw new Error(`no label ${label}`);
            this.bytes[at].writeInt16LE(target - at - 1, 2);
        }
        return Buffer.concat(this.bytes);
    }
    add(opcode, destination, source, offset, immediate) {
        const bytes = Buffer.alloc(INSTRUCTION_BYTES);
        bytes.writeUInt8(opcode, 0);
        bytes.writeUInt8(destination | (source << 4), 1);
        bytes.writeInt16LE(offset, 2);
        bytes.writeInt32LE(immediate | 0, 4);
        this.bytes.push(bytes);
        return this;
    }
}
exports.Assembly = Assembly;
/** Flag of a redirect: the frame leaves by the interface, as if a program had sent it there. */
const TO_EGRESS = 0;
/** Sends each frame out of the interface of this index. */
function redirectProgram(index) {
    return redirect(new Assembly(), index).assemble();
}
/** Ends a program: the frame leaves by the interface of this index. */
function redirect(program, index) {
    return program.alu(exports.Alu.MOV, 1, index).alu(exports.Alu.MOV, 2, TO_EGRESS).call(exports.Helper.REDIRECT).exit();
}
