import { describe, expect, test } from '@jest/globals';
import { CaptureFileError, readCapture } from '../../../src/testing/capture-file';
import { toPcapng } from '../../../src/testing/recording';
import { fromHex } from '../../support/room-harness';

const FRAME = '020000000002 020000000001 88b5 00';
const LITTLE =
  'd4c3b2a1 0200 0400 00000000 00000000 ffff0000 01000000' +
  `01000000 02000000 0f000000 0f000000 ${FRAME}`;
const BIG_NANOSECONDS =
  'a1b23c4d 0002 0004 00000000 00000000 0000ffff 00000001' +
  `00000001 00000002 0000000f 00000040 ${FRAME}`;
/** A big-endian section, an interface with times in units of 2^-10 s from 100 s on, one frame, one block of another kind. */
const BIG_PCAPNG =
  '0a0d0d0a 0000001c 1a2b3c4d 0001 0000 ffffffffffffffff 0000001c' +
  '00000001 00000034 0001 0000 00040000 0002 0004 65746830 0009 0001 8a000000 000e 0008 0000000000000064 0000 0000 00000034' +
  '00000bad 0000000c 0000000c' +
  `00000006 0000003c 00000000 00000000 00000400 0000000f 0000000f ${FRAME} 00 0002 0004 00000002 0000 0000 0000003c`;

describe('readCapture', () => {
  test.each([
    ['pcap, little endian, microseconds', LITTLE, 1_000_002_000n, {}],
    ['pcap, big endian, nanoseconds', BIG_NANOSECONDS, 1_000_000_002n, {}],
    ['pcapng, big endian', BIG_PCAPNG, 101_000_000_000n, { port: 'eth0', direction: 'out' }],
  ])('reads %s', (_, file, timeNs, more) => {
    const bytes = Buffer.from(fromHex(FRAME));
    expect(readCapture(fromHex(file))).toEqual([{ timeNs, port: '', bytes, ...more }]);
  });

  test('reads what toPcapng writes, at any length', () => {
    const frames = [14, 15, 16, 17, 65_553].map((length, index) => ({
      timeNs: BigInt(index) * 1_234_567_890_123n,
      port: `tap${index % 2}`,
      direction: index % 2 === 0 ? ('in' as const) : ('out' as const),
      bytes: Buffer.alloc(length, index + 1),
    }));
    expect(readCapture(toPcapng(frames))).toEqual(frames);
    expect(readCapture(toPcapng([]))).toEqual([]);
  });

  test.each([
    ['other bytes', '00112233445566778899', 'neither pcap nor pcapng'],
    ['a file that is empty', '', 'cut off'],
    ['a frame that is cut off', LITTLE.slice(0, -2), 'cut off'],
    ['a block that is cut off', BIG_PCAPNG.slice(0, -2), 'cut off'],
    ['a block of no length', `${BIG_PCAPNG.slice(0, 70)} 00000bad 00000000`, 'damaged'],
    ['frames that are not Ethernet', LITTLE.replace('01000000', '71000000'), 'link type is 113'],
    [
      'a frame of no interface',
      BIG_PCAPNG.replace('00000006 0000003c 00000000', '00000006 0000003c 00000001'),
      'not described',
    ],
  ])('refuses %s', (_, file, message) => {
    expect(() => readCapture(fromHex(file))).toThrow(CaptureFileError);
    expect(() => readCapture(fromHex(file))).toThrow(message);
  });
});
