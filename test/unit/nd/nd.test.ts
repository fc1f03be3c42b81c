/** The switch's own IPv6 addresses: claimed, announced, answered for, defended. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { HostNews } from '../../../src/hosts/news';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import { ND_COUNTERS, NdCounter } from '../../../src/nd/counters';
import type { Nd } from '../../../src/nd/nd';
import { printed, station } from '../../support/ethernet';
import { advertisement, icmpv6Frame, ipv6Probe, solicitation } from '../../support/ip-frames';
import { OwnAddressLab } from '../../support/own-address-lab';
import { ALL_PORTS, type CountingSink, type RoomHarness } from '../../support/room-harness';
import { SWITCH, keyOf, makeNd } from '../../support/rooms';

const HOST = station(1);
const SWITCH_IP = '2001:db8::fe';
const LINK_LOCAL = 'fe80::ff:fe00:99';
const HOST_IP = '2001:db8::1';
const PORT = 7;

const PROBES = [ipv6Probe(SWITCH, LINK_LOCAL), ipv6Probe(SWITCH, SWITCH_IP)];
const ANNOUNCEMENTS = [LINK_LOCAL, SWITCH_IP].map((target) =>
  advertisement({ mac: SWITCH, target, flags: '20' }),
);
const REQUEST = { mac: HOST, source: HOST_IP, target: SWITCH_IP };
const ANSWER = advertisement({
  mac: SWITCH,
  target: SWITCH_IP,
  flags: '60',
  to: HOST,
  destination: HOST_IP,
});

function conflict(outcome: 'lost' | 'defended'): HostNews {
  const mac = printed(HOST);
  return { event: 'address-conflict', address: SWITCH_IP, mac, port: PORT, outcome };
}

let lab: OwnAddressLab<Nd>;
let harness: RoomHarness;
let counters: CountingSink;
let news: HostNews[];
let room: Nd;

beforeEach(() => {
  lab = new OwnAddressLab(makeNd, SWITCH_IP);
  ({ harness, counters, news, room } = lab);
});

function receive(hex: string, nowMs = 5_000): number {
  return room.receive(harness.receive(hex, PORT), harness.at(nowMs));
}

const tick = (nowMs: number): string[] => lab.tick(nowMs);
const claim = (): void => lab.claim();

describe('claiming an address', () => {
  test('claims a link-local address, too, by duplicate address detection, and announces both twice', () => {
    expect(tick(0)).toEqual(PROBES);
    expect(tick(100)).toEqual(PROBES);
    expect(tick(200)).toEqual(PROBES);
    expect(room.addresses.list()).toEqual([
      { address: LINK_LOCAL, state: 'probing' },
      { address: SWITCH_IP, state: 'probing' },
    ]);
    expect(tick(300)).toEqual(ANNOUNCEMENTS);
    expect(news).toEqual(
      [LINK_LOCAL, SWITCH_IP].map((address) => ({ event: 'address-claimed', address })),
    );
    expect(tick(2_300)).toEqual(ANNOUNCEMENTS);
    expect(room.dueMs).toBe(Infinity);
  });

  test('sends nothing else meanwhile', () => {
    tick(0);
    expect(receive(solicitation(REQUEST), 50)).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
  });

  test.each([
    ["its holder's advertisement", advertisement({ mac: HOST, target: SWITCH_IP, flags: '20' })],
    ["its holder's question", solicitation({ mac: HOST, source: SWITCH_IP, target: HOST_IP })],
    ['a probe for the same', ipv6Probe(HOST, SWITCH_IP)],
  ])('is given up for a minute after %s', (_, frame) => {
    tick(0);
    expect(receive(frame, 50)).toBe(PASS);
    expect(room.addresses.list()[1]).toEqual({ address: SWITCH_IP, state: 'conflict' });
    expect(news).toEqual([conflict('lost')]);
    for (const nowMs of [100, 200, 300, 2_300]) tick(nowMs);
    expect(tick(60_049)).toEqual([]);
    expect(tick(60_050)).toEqual([ipv6Probe(SWITCH, SWITCH_IP)]);
  });
});

describe('a claimed address', () => {
  beforeEach(claim);

  test('is answered, and the solicitation is forwarded', () => {
    expect(receive(solicitation(REQUEST))).toBe(PASS);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: ANSWER }]);
    expect(counters.of(NdCounter.Answered)).toBe(1);
  });

  test.each([
    ['with its MAC', `0101${HOST}`],
    ['without', ''],
  ])('a unicast solicitation %s is answered and ends here', (_, options) => {
    const poll = solicitation({ ...REQUEST, to: SWITCH, destination: SWITCH_IP, options });
    expect(receive(poll)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([{ port: PORT, hex: ANSWER }]);
  });

  test('a link-local one is answered too', () => {
    receive(solicitation({ ...REQUEST, target: LINK_LOCAL }));
    expect(harness.takeSent()).toEqual([
      {
        port: PORT,
        hex: advertisement({
          mac: SWITCH,
          target: LINK_LOCAL,
          flags: '60',
          to: HOST,
          destination: HOST_IP,
        }),
      },
    ]);
  });

  test('a probe is answered to all nodes, unsolicited', () => {
    expect(receive(ipv6Probe(HOST, SWITCH_IP))).toBe(PASS);
    expect(harness.takeSent()).toEqual([{ port: ALL_PORTS, hex: ANNOUNCEMENTS[1] }]);
    expect(news).toEqual([]);
  });

  test.each([
    ['a solicitation for another', solicitation({ ...REQUEST, target: '2001:db8::2' })],
    ['an advertisement of another', advertisement({ mac: HOST, target: HOST_IP, flags: '20' })],
    ['a probe for another', ipv6Probe(HOST, HOST_IP)],
  ])('%s passes without an answer', (_, frame) => {
    expect(receive(frame)).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
    expect(news).toEqual([]);
  });

  test('an advertisement to the switch is not forwarded', () => {
    const frame = advertisement({
      mac: HOST,
      target: HOST_IP,
      flags: '60',
      to: SWITCH,
      destination: LINK_LOCAL,
    });
    expect(receive(frame)).toBe(CONSUMED);
    expect(harness.takeSent()).toEqual([]);
  });

  test('is defended against a claim, at most once in ten seconds', () => {
    const claimOfHost = advertisement({ mac: HOST, target: SWITCH_IP, flags: '20' });
    for (let nowMs = 10_000; nowMs < 20_000; nowMs += 1_000) receive(claimOfHost, nowMs);
    expect(harness.takeSent()).toEqual([{ port: ALL_PORTS, hex: ANNOUNCEMENTS[1] }]);
    expect(news).toEqual([conflict('defended')]);
    receive(claimOfHost, 20_000);
    expect(harness.takeSent()).toHaveLength(1);
    expect(counters.of(NdCounter.Conflict)).toBe(11);
    expect(room.neighbours.count).toBe(0);
  });

  test('is added once and removed once', () => {
    expect(room.addresses.add(keyOf(SWITCH_IP), 0)).toBe(false);
    expect(room.addresses.remove(keyOf(SWITCH_IP))).toBe(true);
    expect(room.addresses.remove(keyOf(SWITCH_IP))).toBe(false);
    receive(solicitation(REQUEST));
    expect(harness.takeSent()).toEqual([]);
  });
});

describe('what is not valid Neighbor Discovery', () => {
  beforeEach(claim);

  test.each([
    ['forwarded', solicitation({ ...REQUEST, hopLimit: 'fe' })],
    ['a wrong checksum', solicitation({ ...REQUEST, checksum: '0000' })],
    ['cut short', solicitation(REQUEST).slice(0, -2)],
    ["another's MAC", solicitation({ ...REQUEST, options: `0101${station(3)}` })],
  ])('%s: passes unanswered and is counted', (_, frame) => {
    expect(receive(frame)).toBe(PASS);
    expect(harness.takeSent()).toEqual([]);
    expect(counters.of(NdCounter.Malformed)).toBe(1);
    expect(room.neighbours.count).toBe(0);
  });

  test('to the switch itself is not forwarded', () => {
    expect(receive(solicitation({ ...REQUEST, to: SWITCH, hopLimit: 'fe' }))).toBe(CONSUMED);
  });

  test('other ICMPv6 passes, even to the switch', () => {
    const ping = icmpv6Frame({
      to: SWITCH,
      from: HOST,
      source: HOST_IP,
      destination: SWITCH_IP,
      typeAndCode: '8000',
      body: '00000000',
    });
    expect(receive(ping)).toBe(PASS);
    expect(counters.counts.size).toBe(0);
  });
});

test('every counter has a name and a meaning', () => {
  expect(ND_COUNTERS).toHaveLength(Object.keys(NdCounter).length);
  expect(new Set(ND_COUNTERS.map(({ name }) => name)).size).toBe(ND_COUNTERS.length);
});
