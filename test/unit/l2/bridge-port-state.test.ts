/**
 * What a port does in each of its states, IEEE 802.1Q-2022 8.4, and what its link takes in any of
 * them.
 */

import { beforeEach, describe, expect, test } from '@jest/globals';
import { PortState } from '../../../src/l2/port-table';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';

const { Disabled, Discarding, Forwarding, Learning } = PortState;

const A = station(0x0a);
const B = station(0x0b);
const helloOfA = ethernet({ to: BROADCAST, from: A });
const helloOfB = ethernet({ to: BROADCAST, from: B });
const toA = ethernet({ to: A, from: B });

let sw: MemorySwitch;

beforeEach(() => {
  sw = new MemorySwitch(3);
});

const NOTHING = [[], [], []];

describe.each([
  ['disabled', Disabled],
  ['discarding', Discarding],
])('a port that is %s', (_title, state) => {
  beforeEach(() => sw.bridge.setPortState(0, state));

  test('forwards nothing and learns nothing', () => {
    expect(sw.send(0, helloOfA)).toEqual(NOTHING);
    expect(sw.stations()).toEqual({});
    expect(sw.drops(0)).toEqual({ 'ingress-discarding': 1 });
  });

  test('gets no copy of a flood, and does not count as one of its ports', () => {
    expect(sw.send(1, helloOfB)).toEqual([[], [], [toHex(helloOfB)]]);
    sw.bridge.setPortState(2, state);
    expect(sw.send(1, helloOfB)).toEqual(NOTHING);
    expect(sw.allDrops()).toEqual({ 1: { 'no-other-port': 1 } });
  });
});

describe('a port that is learning', () => {
  beforeEach(() => sw.bridge.setPortState(0, Learning));

  test('learns, and forwards nothing', () => {
    expect(sw.send(0, helloOfA)).toEqual(NOTHING);
    expect(sw.stations()).toEqual({ [printed(A)]: 0 });
    expect(sw.drops(0)).toEqual({ 'ingress-discarding': 1 });
  });

  test('gets no frames for a station that it learned', () => {
    sw.send(0, helloOfA);
    expect(sw.send(1, toA)).toEqual(NOTHING);
    expect(sw.drops(0)).toEqual({ 'ingress-discarding': 1, 'egress-discarding': 1 });
  });
});

describe('what was learned on a port', () => {
  const KNOWN = { [printed(A)]: 0 };

  test.each([
    ['disabled', Forwarding, Disabled, {}],
    ['discarding', Forwarding, Discarding, {}],
    ['learning', Forwarding, Learning, KNOWN],
    ['discarding, from learning', Learning, Discarding, {}],
    ['forwarding, from learning', Learning, Forwarding, KNOWN],
  ])('when it becomes %s', (_title, from, to, expected) => {
    sw.bridge.setPortState(0, from);
    sw.send(0, helloOfA);
    expect(sw.stations()).toEqual(KNOWN);
    sw.bridge.setPortState(0, to);
    expect(sw.stations()).toEqual(expected);
  });
});

describe('a frame to a link', () => {
  const frame = ethernet({ to: '0180c2000000', from: B, type: '0026', payload: '4242' });

  function sendToLink(port: number): string[][] {
    const made = sw.bridge.make(frame.length);
    sw.bridge.burst.u8.set(frame, sw.bridge.burst.offset[made]);
    sw.bridge.toLink(made, port);
    sw.bridge.flush();
    return sw.take();
  }

  test.each([Disabled, Discarding, Learning, Forwarding])('leaves in state %d', (state) => {
    sw.bridge.setPortState(1, state);
    expect(sendToLink(1)).toEqual([[], [toHex(frame)], []]);
    expect(sw.counts(1)).toEqual({ 'tx-frames': 1, 'tx-bytes': frame.length });
  });

  test('is dropped when the link is down', () => {
    sw.port(1).setUp(false);
    expect(sendToLink(1)).toEqual(NOTHING);
    expect(sw.drops(1)).toEqual({ 'egress-down': 1 });
  });

  test('does not leave by `toPort`, which checks the state', () => {
    sw.bridge.setPortState(1, Discarding);
    const made = sw.bridge.make(frame.length);
    sw.bridge.burst.u8.set(frame, sw.bridge.burst.offset[made]);
    sw.bridge.toPort(made, 1);
    sw.bridge.flush();
    expect(sw.take()).toEqual(NOTHING);
    expect(sw.drops(1)).toEqual({ 'egress-discarding': 1 });
  });
});
