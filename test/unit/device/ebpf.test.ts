/** Programs for the kernel's eBPF machine, byte by byte. */

import { describe, expect, test } from '@jest/globals';
import { Alu, Assembly, If, Size, redirectProgram } from '../../../src/device/ebpf';

const hex = (program: Buffer): string[] =>
  program.toString('hex').match(/.{16}/g) as unknown as string[];

describe('an instruction', () => {
  // Opcode, source and destination register, offset, immediate: RFC 9669 3.1.
  test.each([
    ['moves a number', new Assembly().alu(Alu.MOV, 1, 0x1234), 'b701000034120000'],
    ['moves a register', new Assembly().aluR(Alu.MOV, 6, 1), 'bf16000000000000'],
    ['multiplies 32 bits', new Assembly().alu32(Alu.MUL, 3, -1), '24030000ffffffff'],
    ['takes the order of the network', new Assembly().fromNetwork16(2), 'dc02000010000000'],
    ['loads', new Assembly().load(Size.U16, 2, 7, 12), '69720c0000000000'],
    ['stores a register', new Assembly().store(Size.U64, 10, -8, 3), '7b3af8ff00000000'],
    ['stores a number', new Assembly().storeNumber(Size.U64, 10, -40, 0), '7a0ad8ff00000000'],
    ['calls', new Assembly().call(23), '8500000017000000'],
    ['ends', new Assembly().exit(), '9500000000000000'],
  ])('%s', (_, program, expected) => {
    expect(hex(program.assemble())).toEqual([expected]);
  });

  test('takes an address in a map, in two', () => {
    expect(hex(new Assembly().address(1, 9, 64).assemble())).toEqual([
      '1821000009000000',
      '0000000040000000',
    ]);
  });
});

describe('a jump', () => {
  test('counts the instructions to its label, forth and back', () => {
    const program = new Assembly()
      .label('start')
      .jumpIf(If.EQ, 1, 7, 'end')
      .jumpIfR(If.GT, 2, 8, 'end')
      .jump('start')
      .label('end')
      .exit();
    expect(hex(program.assemble())).toEqual([
      '1501020007000000',
      '2d82010000000000',
      '0500fdff00000000',
      '9500000000000000',
    ]);
  });

  test('without its label, and a label twice, are mistakes', () => {
    expect(() => new Assembly().jump('nowhere').assemble()).toThrow('no label nowhere');
    expect(() => new Assembly().label('a').label('a')).toThrow('two labels a');
  });
});

test('a redirect has four instructions', () => {
  expect(hex(redirectProgram(7))).toEqual([
    'b701000007000000',
    'b702000000000000',
    '8500000017000000',
    '9500000000000000',
  ]);
});
