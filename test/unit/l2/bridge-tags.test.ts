/** Tag operations of a port: one frame leaves tagged from one port and untagged from another. */

import { describe, expect, test } from '@jest/globals';
import { AS_IT_IS, STRIP, push } from '../../../src/frame/tag-operation';
import { ethernet, station } from '../../support/ethernet';
import { toHex } from '../../support/room-harness';
import { buildSuperFrame, expectedSegments, type SuperFrame } from '../../support/super-frame';
import { TaggingSwitch } from '../../support/tagging-switch';

const A = station(0x0a);
const B = station(0x0b);
const PLAIN = new Uint8Array(10);
const VLAN_10 = push(0x8100, 10);

const untagged = ethernet({ to: B, from: A, type: '0800', payload: '4500' });
const tagged = ethernet({ to: B, from: A, type: '8100', payload: '000a08004500' });
const stacked = ethernet({ to: B, from: A, type: '88a8', payload: '00648100000a08004500' });

describe('a plain frame', () => {
  test('leaves in the form of each port, and is unchanged in the arena', () => {
    const sw = new TaggingSwitch([
      { operation: STRIP },
      { operation: AS_IT_IS },
      { operation: push(0x88a8, 100) },
      { operation: STRIP, takesOffloads: true },
    ]);
    expect(sw.send(PLAIN, tagged)).toEqual([
      { frames: [toHex(untagged)], vnets: [] },
      { frames: [toHex(tagged)], vnets: [] },
      { frames: [toHex(stacked)], vnets: [] },
      { frames: [toHex(untagged)], vnets: ['00'.repeat(10)] },
    ]);
  });

  test('is counted with its length on egress', () => {
    const sw = new TaggingSwitch([{ operation: STRIP }, { operation: VLAN_10 }]);
    sw.send(PLAIN, tagged);
    expect(sw.memory.counts(1)['tx-bytes']).toBe(untagged.length);
    expect(sw.memory.counts(2)['tx-bytes']).toBe(tagged.length + 4);
  });
});

describe('the longest frame', () => {
  const bytesOf = (tags: string, payloadBytes: number): Uint8Array =>
    ethernet({ to: B, from: A, type: `${tags}0800`, payload: '00'.repeat(payloadBytes) });

  // A port takes its MTU, one tag besides, and does not count the outer tag of what leaves.
  test.each([
    ['pushed onto an untagged frame', '', VLAN_10, 1504],
    ['pushed onto a tagged frame', '81000064', VLAN_10, 1500],
    ['stripped, the only one', '8100000a', STRIP, 1504],
    ['stripped, one of two', '88a800648100000a', STRIP, 1504],
    ['stripped, one of three', '88a800648100000a8100000b', STRIP, 1500],
    ['left', '8100000a', AS_IT_IS, 1504],
  ])('with a tag %s', (_title, tags, operation, longestBytes) => {
    const sw = new TaggingSwitch([{ operation }]);
    expect(sw.send(PLAIN, bytesOf(tags, longestBytes))[0]?.frames).toHaveLength(1);
    expect(sw.memory.allDrops()).toEqual({});
    expect(sw.send(PLAIN, bytesOf(tags, longestBytes + 1))[0]?.frames).toEqual([]);
    expect(sw.memory.allDrops()).toEqual({ 1: { 'too-long': 1 } });
  });
});

describe('a super-frame', () => {
  const spec: SuperFrame = {
    ipVersion: 4,
    transport: 'tcp',
    payloadBytes: 3000,
    gsoSizeBytes: 1400,
    tags: [[0x8100, 10]],
  };
  const withTags = (tags: SuperFrame['tags']): SuperFrame => ({ ...spec, ...(tags && { tags }) });

  test.each([
    ['stripped', STRIP, []],
    [
      'pushed',
      push(0x88a8, 100),
      [
        [0x88a8, 100],
        [0x8100, 10],
      ],
    ],
  ] as const)('has its tag %s with offloads and in each segment', (_title, operation, tags) => {
    const sw = new TaggingSwitch([
      { operation, takesOffloads: true },
      { operation },
      { operation: AS_IT_IS, takesOffloads: true },
    ]);
    const sent = buildSuperFrame(spec);
    const left = sw.send(sent.vnet, sent.frame);
    const expected = buildSuperFrame(withTags(tags));
    expect(left[0]).toEqual({ frames: [toHex(expected.frame)], vnets: [toHex(expected.vnet)] });
    expect(left[1]?.frames).toEqual(expectedSegments(withTags(tags)).map(toHex));
    expect(left[2]).toEqual({ frames: [toHex(sent.frame)], vnets: [toHex(sent.vnet)] });
  });

  test('that the kernel refuses keeps its operation when it is cut', () => {
    const sw = new TaggingSwitch([{ operation: STRIP, takesOffloads: true }]);
    const { bridge } = sw.memory;
    let isFirst = true;
    sw.memory.intercept((pass) => {
      if (!isFirst) return pass();
      isFirst = false;
      bridge.burst.txStatus.fill(22, 0, bridge.burst.txCount);
      return bridge.burst.txCount;
    });
    const sent = buildSuperFrame(spec);
    expect(sw.send(sent.vnet, sent.frame)[0]?.frames).toEqual(
      expectedSegments(withTags([])).map(toHex),
    );
  });
});
