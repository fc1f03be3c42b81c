import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Arp } from '../../../src/arp/arp';
import { ARP_COUNTERS, ArpCounter } from '../../../src/arp/counters';
import type { HostNews } from '../../../src/hosts/news';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import { OwnAddressLab } from '../../support/own-address-lab';
import {
  ALL_PORTS,
  type CountingSink,
  type RoomHarness,
  frameOf,
} from '../../support/room-harness';
import { SWITCH, keyOf, makeArp } from '../../support/rooms';

const HOST = '020000000001';
const OTHER = '020000000002';
const NOBODY = '000000000000';
const BROADCAST = 'ffffffffffff';

const SWITCH_IP = 'c00002fe'; // 192.0.2.254
const SECOND_IP = 'c0000264'; // 192.0.2.100
const HOST_IP = 'c0000201';
const UNSPECIFIED = '00000000';

const PORT = 7;

function arp(
  destination: string,
  op: 'request' | 'reply',
  [senderMac, senderIp]: [string, string],
  [targetMac, targetIp]: [string, string],
): string {
  return frameOf({
    destination,
    source: senderMac,
    fixed: `0806 0001 0800 06 04 ${op === 'request' ? '0001' : '0002'}`,
    sender: senderMac + senderIp,
    target: targetMac + targetIp,
  });
}

const PROBE = arp(BROADCAST, 'request', [SWITCH, UNSPECIFIED], [NOBODY, SWITCH_IP]);
const ANNOUNCEMENT = arp(BROADCAST, 'request', [SWITCH, SWITCH_IP], [NOBODY, SWITCH_IP]);
const REQUEST = arp(BROADCAST, 'request', [HOST, HOST_IP], [NOBODY, SWITCH_IP]);
const ANSWER = arp(HOST, 'reply', [SWITCH, SWITCH_IP], [HOST, HOST_IP]);

const everywhere = (hex: string): { port: number; hex: string } => ({ port: ALL_PORTS, hex });

let lab: OwnAddressLab<Arp>;
let harness: RoomHarness;
let counters: CountingSink;
let news: HostNews[];
let room: Arp;

beforeEach(() => {
  lab = new OwnAddressLab(makeArp, '192.0.2.254');
  ({ harness, counters, news, room } = lab);
});

const tick = (nowMs: number): string[] => lab.tick(nowMs);
const claim = (): void => lab.claim();

describe('claiming an address', () => {
  test('sends three probes, then two announcements', () => {
    expect(room.dueMs).toBe(0);
    expect(tick(0)).toEqual([PROBE]);
    expect(tick(99)).toEqual([]);
    expect(tick(100)).toEqual([PROBE]);
    expect(tick(200)).toEqual([PROBE]);
    expect(room.addresses.list()).toEqual([{ address: '192.0.2.254', state: 'probing' }]);
    expect(tick(300)).toEqual([ANNOUNCEMENT]);
    expect(room.addresses.list()).toEqual([{ address: '192.0.2.254', state: 'claimed' }]);
    expect(news).toEqual([{ event: 'address-claimed', address: '192.0.2.254' }]);
    expect(room.dueMs).toBe(2_300);
    expect(tick(2_300)).toEqual([ANNOUNCEMENT]);
    expect(room.dueMs).toBe(Infinity);
    expect(tick(1e9)).toEqual([]);
  });

  test('sends nothing else meanwhile', () => {
    tick(0);
    expect(room.receive(harness.receive(REQUEST, PORT), harness.at(50))).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
    expect(room.addresses.owns(keyOf('192.0.2.254'))).toBe(false);
  });

  test.each([
    [
      'a reply from its holder',
      arp(SWITCH, 'reply', [HOST, SWITCH_IP], [SWITCH, UNSPECIFIED]),
      CONSUMED,
    ],
    [
      'a request of its holder',
      arp(BROADCAST, 'request', [HOST, SWITCH_IP], [NOBODY, HOST_IP]),
      PASS,
    ],
    ['an announcement', arp(BROADCAST, 'request', [HOST, SWITCH_IP], [NOBODY, SWITCH_IP]), PASS],
    [
      'a probe for the same',
      arp(BROADCAST, 'request', [HOST, UNSPECIFIED], [NOBODY, SWITCH_IP]),
      PASS,
    ],
  ])('is given up for a minute after %s', (_, frame, verdict) => {
    tick(0);
    expect(room.receive(harness.receive(frame, PORT), harness.at(50))).toBe(verdict);
    expect(room.addresses.list()).toEqual([{ address: '192.0.2.254', state: 'conflict' }]);
    expect(news).toEqual([
      {
        event: 'address-conflict',
        address: '192.0.2.254',
        mac: '02:00:00:00:00:01',
        port: PORT,
        outcome: 'lost',
      },
    ]);
    expect(tick(60_049)).toEqual([]);
    room.receive(harness.receive(REQUEST, PORT), harness.at(60_049));
    expect(harness.takeSent()).toEqual([]);
    expect(tick(60_050)).toEqual([PROBE]);
  });
});

describe('a claimed address', () => {
  beforeEach(claim);

  test('is answered, and the request is forwarded', () => {
    expect(room.receive(harness.receive(REQUEST, PORT), harness.at(5_000))).toBe(PASS);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: ANSWER }]);
    expect(counters.of(ArpCounter.Answered)).toBe(1);
  });

  test('is answered with a zero virtio header', () => {
    room.receive(harness.receive(REQUEST, PORT), harness.at(5_000));
    const at = harness.burst.offset[1] as number;
    expect([...harness.burst.u8.subarray(at - 10, at)]).toEqual(new Array(10).fill(0));
  });

  test('is answered to a unicast poll, which is not forwarded', () => {
    const poll = arp(SWITCH, 'request', [HOST, HOST_IP], [SWITCH, SWITCH_IP]);
    expect(room.receive(harness.receive(poll, PORT), harness.at(5_000))).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: ANSWER }]);
  });

  test('is answered with 42 bytes, also to a request of 60 bytes with padding', () => {
    room.receive(harness.receive(REQUEST + '00'.repeat(18), PORT), harness.at(5_000));
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: ANSWER }]);
  });

  test('is answered to a probe, so that the prober does not use the address', () => {
    const probe = arp(BROADCAST, 'request', [HOST, UNSPECIFIED], [NOBODY, SWITCH_IP]);
    expect(room.receive(harness.receive(probe, PORT), harness.at(5_000))).toBe(PASS);
    expect(harness.takeSent()).toEqual([
      { port: PORT, hex: arp(HOST, 'reply', [SWITCH, SWITCH_IP], [HOST, UNSPECIFIED]) },
    ]);
    expect(news).toEqual([]);
  });

  test.each([
    [
      'a request for the address of another host',
      arp(BROADCAST, 'request', [HOST, HOST_IP], [NOBODY, 'c0000202']),
    ],
    ['a gratuitous request', arp(BROADCAST, 'request', [HOST, HOST_IP], [NOBODY, HOST_IP])],
    ['a gratuitous reply', arp(BROADCAST, 'reply', [HOST, HOST_IP], [BROADCAST, HOST_IP])],
    [
      'a probe for the address of another host',
      arp(BROADCAST, 'request', [HOST, UNSPECIFIED], [NOBODY, HOST_IP]),
    ],
    ['a reply to somebody else', arp(OTHER, 'reply', [HOST, HOST_IP], [OTHER, 'c0000202'])],
  ])('%s passes without an answer', (_, frame) => {
    expect(room.receive(harness.receive(frame, PORT), harness.at(5_000))).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
    expect(news).toEqual([]);
  });

  test('a reply to the switch is not forwarded', () => {
    const reply = arp(SWITCH, 'reply', [HOST, HOST_IP], [SWITCH, SWITCH_IP]);
    expect(room.receive(harness.receive(reply, PORT), harness.at(5_000))).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([]);
  });

  test('is defended against a claim, at most once in ten seconds', () => {
    const claimOfHost = arp(BROADCAST, 'request', [HOST, SWITCH_IP], [NOBODY, SWITCH_IP]);
    const conflict = {
      event: 'address-conflict',
      address: '192.0.2.254',
      mac: '02:00:00:00:00:01',
      port: PORT,
      outcome: 'defended',
    };
    const receiveAt = (nowMs: number): number =>
      room.receive(harness.receive(claimOfHost, PORT), harness.at(nowMs));

    expect(receiveAt(10_000)).toBe(PASS);
    expect(harness.takeSent()).toEqual([everywhere(ANNOUNCEMENT)]);
    for (let nowMs = 10_001; nowMs < 20_000; nowMs += 999) receiveAt(nowMs);
    expect(harness.takeSent()).toEqual([]);
    expect(news).toEqual([conflict]);
    receiveAt(20_000);
    expect(harness.takeSent()).toEqual([everywhere(ANNOUNCEMENT)]);
    expect(news).toEqual([conflict, conflict]);
    expect(room.addresses.owns(keyOf('192.0.2.254'))).toBe(true);
    expect(counters.of(ArpCounter.Conflict)).toBe(13);
  });

  test('a station that uses it gets no answer for another own address', () => {
    room.addresses.add(keyOf('192.0.2.100'), 5_000);
    for (const nowMs of [5_000, 5_100, 5_200, 5_300]) tick(nowMs);
    const request = arp(BROADCAST, 'request', [HOST, SWITCH_IP], [NOBODY, SECOND_IP]);
    room.receive(harness.receive(request, PORT), harness.at(6_000));
    expect(harness.takeSent()).toEqual([everywhere(ANNOUNCEMENT)]);
  });

  test('each of two addresses is answered', () => {
    room.addresses.add(keyOf('192.0.2.100'), 5_000);
    for (const nowMs of [5_000, 5_100, 5_200, 5_300]) tick(nowMs);
    const request = arp(BROADCAST, 'request', [HOST, HOST_IP], [NOBODY, SECOND_IP]);
    room.receive(harness.receive(request, PORT), harness.at(6_000));
    room.receive(harness.receive(REQUEST, PORT), harness.at(6_000));
    expect(harness.takeSent().map(({ hex }) => hex)).toEqual([
      arp(HOST, 'reply', [SWITCH, SECOND_IP], [HOST, HOST_IP]),
      ANSWER,
    ]);
  });

  test('is added once and removed once', () => {
    expect(room.addresses.add(keyOf('192.0.2.254'), 0)).toBe(false);
    expect(room.addresses.remove(keyOf('192.0.2.254'))).toBe(true);
    expect(room.addresses.remove(keyOf('192.0.2.254'))).toBe(false);
    room.receive(harness.receive(REQUEST, PORT), harness.at(5_000));
    expect(harness.takeSent()).toEqual([]);
  });
});

describe('malformed ARP', () => {
  beforeEach(claim);

  test.each([
    ['cut short', REQUEST.slice(0, -2)],
    ['an Ethernet header alone', REQUEST.slice(0, 28)],
    ['hardware type', REQUEST.replace('08060001', '08060006')],
    ['a sender that is not the source', REQUEST.replace(`0001${HOST}`, `0001${OTHER}`)],
    ['a sender in 127/8', REQUEST.replace(HOST_IP, '7f000001')],
    ['a multicast sender', REQUEST.replace(HOST_IP, 'e0000001')],
    ['a broadcast sender', REQUEST.replace(HOST_IP, 'ffffffff')],
    ['a sender in 0/8', REQUEST.replace(HOST_IP, '00000001')],
  ])('%s: passes unanswered and is counted', (_, frame) => {
    expect(room.receive(harness.receive(frame, PORT), harness.at(5_000))).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(ArpCounter.Malformed)).toBe(1);
  });

  test('to the switch itself is not forwarded', () => {
    const frame = REQUEST.replace(BROADCAST, SWITCH).slice(0, -2);
    expect(room.receive(harness.receive(frame, PORT), harness.at(5_000))).toBe(CONSUMED);
    expect(counters.of(ArpCounter.Malformed)).toBe(1);
  });
});

test('every counter has a name and a meaning', () => {
  expect(ARP_COUNTERS).toHaveLength(Object.keys(ArpCounter).length);
  expect(new Set(ARP_COUNTERS.map(({ name }) => name)).size).toBe(ARP_COUNTERS.length);
});
