/** BPDUs as bytes: the rows of `test/conformance/bpdus.json`, and frames that the switch writes. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  BPDU_FRAME_BYTES,
  type Bpdu,
  BpduCheck,
  BpduFlag,
  BpduGroup,
  BpduKind,
  SenderRole,
  newBpdu,
  readBpdu,
  writeBpdu,
} from '../../../src/wire/bpdu';

interface Row {
  readonly name: string;
  readonly hex: string;
  readonly stp: string;
  readonly rstp: string;
}

const path = join(__dirname, '../../conformance/bpdus.json');
const { rows } = JSON.parse(readFileSync(path, 'utf8')) as { rows: Row[] };

/** Rows whose result depends on the tree or on the address of the frame, and not on the bytes of the BPDU. */
const DECIDED_ELSEWHERE = ['own-port', 'provider-bridge-group'];

const KINDS = ['config', 'tcn', 'rst'];

function kindOf(hex: string, knowsRst: boolean): string {
  const bytes = Buffer.from(hex, 'hex');
  const bpdu = newBpdu();
  const check = readBpdu(bytes, 0, bytes.length, knowsRst, bpdu);
  return check === BpduCheck.Ok ? (KINDS[bpdu.kind] ?? '') : 'ignore';
}

describe('a BPDU that comes in', () => {
  test.each(rows.filter(({ name }) => !DECIDED_ELSEWHERE.includes(name)))(
    '$name is $stp with STP, $rstp with RSTP',
    ({ hex, stp, rstp }) => {
      expect({ stp: kindOf(hex, false), rstp: kindOf(hex, true) }).toEqual({ stp, rstp });
    },
  );

  test('has its fields read', () => {
    const hex =
      '0180c2000000' +
      '020000009900' +
      '0027' +
      '424203' +
      '0000' +
      '02' +
      '02' +
      '7c' +
      '1000' +
      '0200000000aa' +
      '00004e20' +
      '8000' +
      '020000009900' +
      '8002' +
      '0100' +
      '1400' +
      '0200' +
      '0f00' +
      '00';
    const bytes = Buffer.from(hex, 'hex');
    const bpdu = newBpdu();
    expect(readBpdu(bytes, 0, bytes.length, true, bpdu)).toBe(BpduCheck.Ok);
    expect(bpdu).toEqual({
      kind: BpduKind.Rst,
      flags: BpduFlag.Agreement | BpduFlag.Forwarding | BpduFlag.Learning,
      role: SenderRole.Designated,
      rootPriority: 0x1000,
      rootAddress: 0x0200_0000_00aa,
      cost: 20_000,
      bridgePriority: 0x8000,
      bridgeAddress: 0x0200_0000_9900,
      portId: 0x8002,
      messageAge: 1,
      maxAge: 20,
      helloTime: 2,
      forwardDelay: 15,
    });
  });

  test('has times within the range of the standard', () => {
    const plain = rows.find(({ name }) => name === 'config')?.hex ?? '';
    const bytes = Buffer.from(plain.replace('00140002000f00', '00ff00ff00ff00'), 'hex');
    const bpdu = newBpdu();
    expect(readBpdu(bytes, 0, bytes.length, true, bpdu)).toBe(BpduCheck.Ok);
    expect(bpdu).toMatchObject({ maxAge: 40, helloTime: 10, forwardDelay: 30 });
  });

  test('is no BPDU with another LLC header', () => {
    const bytes = Buffer.from('0180c20000000200000099000026aaaa03' + '00'.repeat(43), 'hex');
    expect(readBpdu(bytes, 0, bytes.length, true, newBpdu())).toBe(BpduCheck.NoBpdu);
  });
});

describe('a BPDU that goes out', () => {
  const bpdu: Bpdu = {
    ...{ kind: BpduKind.Rst, flags: BpduFlag.Proposal, role: SenderRole.Designated },
    ...{ rootPriority: 0x7000, rootAddress: 0x0200_0000_0009, cost: 0xffff_fffe },
    ...{ bridgePriority: 0x8000, bridgeAddress: 0x0200_0000_0001, portId: 0x8003 },
    ...{ messageAge: 3, maxAge: 20, helloTime: 2, forwardDelay: 15 },
  };

  function written(given: Partial<Bpdu>): Uint8Array {
    // A byte that is not written shows.
    const bytes = new Uint8Array(BPDU_FRAME_BYTES + 2).fill(0xa5);
    writeBpdu(bytes, new Uint16Array(bytes.buffer), 0, BpduGroup.Customer, 0x0002, 0x01000000, {
      ...bpdu,
      ...given,
    });
    expect([...bytes.slice(BPDU_FRAME_BYTES)]).toEqual([0xa5, 0xa5]);
    return bytes.slice(0, BPDU_FRAME_BYTES);
  }

  const hexOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
  const HEADER = '0180c2000000' + '020000000001';
  const VECTOR = '7000020000000009' + 'fffffffe' + '8000020000000001' + '8003';
  const TIMES = '0300' + '1400' + '0200' + '0f00';

  test.each([
    ['RST', BpduKind.Rst, `0027424203${'00000202'}0e${VECTOR}${TIMES}00`],
    ['Configuration', BpduKind.Config, `0026424203${'00000000'}00${VECTOR}${TIMES}`],
    ['TCN', BpduKind.Tcn, `0007424203${'00000080'}`],
  ])('is written byte by byte: %s', (_, kind, rest) => {
    const expected = (HEADER + rest).padEnd(2 * BPDU_FRAME_BYTES, '0');
    expect(hexOf(written({ kind }))).toBe(expected);
  });

  test('is read as it was written', () => {
    const read = newBpdu();
    expect(readBpdu(written({}), 0, BPDU_FRAME_BYTES, true, read)).toBe(BpduCheck.Ok);
    expect(read).toEqual(bpdu);
  });
});
