import { Readable } from 'node:stream';
import { text as asText } from 'node:stream/consumers';
import { describe, expect, test } from '@jest/globals';
import {
  Direction,
  enhancedPacketBytes,
  interfaceDescription,
  interfaceStatistics,
  sectionHeader,
  writePacketHead,
} from '../../../src/wire/pcapng';
import { WholeBlocks } from '../../../src/capture/whole-blocks';
import { frameOf } from '../../support/room-harness';

const END_OF_OPTIONS = '00000000';

describe('pcapng', () => {
  test('a section header', () => {
    expect(sectionHeader('abc').toString('hex')).toBe(
      frameOf({
        type: '0a0d0d0a',
        length: '28000000',
        byteOrder: '4d3c2b1a',
        version: '01000000',
        sectionLength: 'ffffffffffffffff',
        userApplication: '04000300 61626300',
        END_OF_OPTIONS,
        lengthAgain: '28000000',
      }),
    );
  });

  test('an interface', () => {
    expect(interfaceDescription('tap0', 262_144).toString('hex')).toBe(
      frameOf({
        type: '01000000',
        length: '28000000',
        ethernet: '01000000',
        snapLength: '00000400',
        name: '02000400 74617030',
        nanoseconds: '09000100 09000000',
        END_OF_OPTIONS,
        lengthAgain: '28000000',
      }),
    );
  });

  test('a frame that was cut off, the first after three that were lost', () => {
    const [keptBytes, lostCount] = [5, 3];
    // Every byte is written: no former byte of the buffer stays.
    const packet = Buffer.alloc(enhancedPacketBytes(keptBytes, lostCount), 0xff);
    const words = new Int32Array(packet.buffer, packet.byteOffset, packet.length / 4);
    const frameAt = writePacketHead(words, 0, {
      interfaceId: 2,
      direction: Direction.Out,
      timeHigh: 0x11223344,
      timeLow: 0x55667788,
      lengthBytes: 60,
      keptBytes,
      lostCount,
    });
    packet.set([1, 2, 3, 4, 5], frameAt);
    expect(packet.toString('hex')).toBe(
      frameOf({
        type: '06000000',
        length: '40000000',
        interfaceId: '02000000',
        timeHigh: '44332211',
        timeLow: '88776655',
        captured: '05000000',
        original: '3c000000',
        bytes: '0102030405 000000',
        flags: '02000400 02000000',
        dropCount: '04000800 0300000000000000',
        END_OF_OPTIONS,
        lengthAgain: '40000000',
      }),
    );
  });

  test('the totals of an interface', () => {
    expect(interfaceStatistics(1, 1n, 10, 4).toString('hex')).toBe(
      frameOf({
        type: '05000000',
        length: '34000000',
        interfaceId: '01000000',
        time: '00000000 01000000',
        received: '04000800 0a00000000000000',
        dropped: '05000800 0400000000000000',
        END_OF_OPTIONS,
        lengthAgain: '34000000',
      }),
    );
  });

  test('a stream that breaks off ends with a whole block, wherever it was cut', async () => {
    const blocks = [sectionHeader('x'), interfaceDescription('tap0', 64), sectionHeader('yyyy')];
    const whole = Buffer.concat(blocks);
    const ends = blocks.map((_, index) => Buffer.concat(blocks.slice(0, index + 1)).length);
    for (let cut = 0; cut <= whole.length; cut++) {
      const chunks = [whole.subarray(0, cut / 2), whole.subarray(cut / 2, cut)];
      const passed = Readable.from(chunks.filter((chunk) => chunk.length > 0)).pipe(
        new WholeBlocks().setEncoding('latin1'),
      );
      const { length } = await asText(passed);
      expect(length).toBe(Math.max(0, ...ends.filter((end) => end <= cut)));
    }
  });
});
