/** Dynamic ARP inspection: what a host on an untrusted port may not send. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Arp } from '../../../src/arp/arp';
import { ArpCounter } from '../../../src/arp/counters';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import type { Inspection } from '../../../src/hosts/inspection';
import { REFUSAL_REASONS, RefusalReason } from '../../../src/hosts/refusal-reason';
import type { InspectionRefused } from '../../../src/hosts/news';
import { ANY_PORT } from '../../../src/hosts/binding-table';
import { BROADCAST, printed, station } from '../../support/ethernet';
import { UNSPECIFIED_V4, arpFrame } from '../../support/ip-frames';
import { CountingSink, RoomHarness } from '../../support/room-harness';
import { inspect, keyOf, makeArp, wordsOf } from '../../support/rooms';

const HOST = station(1);
const OTHER = station(2);
const HOST_IP = '192.0.2.1';
const OTHER_IP = '192.0.2.2';

const TRUSTED_PORT = 0;
const PORT = 1;

const REQUEST = { senderMac: HOST, senderIp: HOST_IP, targetIp: OTHER_IP };
const REPLY = { ...REQUEST, to: OTHER, operation: '0002', targetMac: OTHER };

let harness: RoomHarness;
let counters: CountingSink;
let refusals: CountingSink;
let told: InspectionRefused[];
let inspection: Inspection;
let room: Arp;

beforeEach(() => {
  harness = new RoomHarness();
  counters = new CountingSink();
  refusals = new CountingSink();
  told = [];
  inspection = inspect(refusals, [TRUSTED_PORT], { news: (refusal) => told.push(refusal) });
  const { hi16, lo32 } = wordsOf(HOST);
  inspection.leases?.grant(keyOf(HOST_IP), 0, hi16, lo32, PORT, 60_000, 0);
  room = makeArp({ counters, inspection });
});

function receive(fields: Parameters<typeof arpFrame>[0], port = PORT, nowMs = 0): number {
  return room.receive(harness.receive(arpFrame(fields), port), harness.at(nowMs));
}

function expectRefused(verdict: number, reason: RefusalReason): void {
  expect(verdict).toBe(CONSUMED);
  expect([...refusals.counts]).toEqual([[reason, 1]]);
  expect(told).toHaveLength(1);
  expect(told[0]).toMatchObject({ reason, port: PORT, untold: 0 });
  expect(room.neighbours.count).toBe(0);
}

describe('on an untrusted port', () => {
  test.each<[string, Parameters<typeof arpFrame>[0]]>([
    ['a request of the lease holder', REQUEST],
    ['its reply', REPLY],
    ['its announcement', { ...REQUEST, targetIp: HOST_IP }],
    ['its gratuitous reply', { ...REPLY, to: BROADCAST, targetMac: BROADCAST, targetIp: HOST_IP }],
    ['a probe of anybody', { senderMac: OTHER, senderIp: UNSPECIFIED_V4, targetIp: OTHER_IP }],
  ])('%s passes', (_, fields) => {
    expect(receive(fields)).toBe(PASS);
    expect(refusals.counts.size).toBe(0);
  });

  test.each<[string, Parameters<typeof arpFrame>[0], RefusalReason]>([
    ["another's address", { ...REQUEST, senderIp: OTHER_IP }, RefusalReason.SenderUnbound],
    ["another station's use of it", { ...REQUEST, senderMac: OTHER }, RefusalReason.SenderUnbound],
    ['another source', { ...REQUEST, from: OTHER }, RefusalReason.SourceMismatch],
    ['a reply of nobody', { ...REPLY, senderIp: UNSPECIFIED_V4 }, RefusalReason.SenderUnbound],
    ['a reply to another', { ...REPLY, to: station(5) }, RefusalReason.ReplyMisaddressed],
    ['a reply to all', { ...REPLY, to: BROADCAST }, RefusalReason.ReplyMisaddressed],
    ['an odd operation', { ...REQUEST, operation: '0009' }, RefusalReason.Malformed],
  ])('%s is denied, counted and logged', (_, fields, reason) => {
    expectRefused(receive(fields), reason);
  });

  test('the lease counts on its own port only, and while it lasts', () => {
    expectRefused(receive(REQUEST, PORT, 60_000), RefusalReason.SenderUnbound);
    expect(receive(REQUEST, PORT + 1)).toBe(CONSUMED);
    expect(refusals.of(RefusalReason.SenderUnbound)).toBe(2);
  });

  test('a static binding confirms the sender, on its port or on any', () => {
    const { neighbours } = room.hosts;
    const { hi16, lo32 } = wordsOf(OTHER);
    const fields = { senderMac: OTHER, senderIp: OTHER_IP, targetIp: HOST_IP };
    neighbours.addStatic(keyOf(OTHER_IP), 0, hi16, lo32, PORT + 1);
    expect(receive(fields)).toBe(CONSUMED);
    expect(receive(fields, PORT + 1)).toBe(PASS);
    neighbours.addStatic(keyOf(OTHER_IP), 0, hi16, lo32, ANY_PORT);
    expect(receive(fields)).toBe(PASS);
    expect(receive({ ...fields, senderMac: HOST })).toBe(CONSUMED);
  });

  test('a static binding takes precedence over a lease', () => {
    const { hi16, lo32 } = wordsOf(OTHER);
    room.neighbours.addStatic(keyOf(HOST_IP), 0, hi16, lo32, ANY_PORT);
    expectRefusedOnce(receive(REQUEST));
  });

  test('frames beyond the rate of a port are denied, and other ports lose nothing', () => {
    const verdicts = Array.from({ length: 300 }, () => receive(REQUEST));
    expect(verdicts.filter((verdict) => verdict === PASS)).toHaveLength(200);
    expect(refusals.of(RefusalReason.RateExceeded)).toBe(100);
    expect(receive({ ...REQUEST, senderIp: UNSPECIFIED_V4 }, PORT + 1)).toBe(PASS);
    expect(receive(REQUEST, PORT, 10)).toBe(PASS);
    expect(receive(REQUEST, PORT, 10)).toBe(CONSUMED);
  });

  test('a flood of denied frames is counted in full, and logged at a bounded rate', () => {
    for (let index = 0; index < 1_000; index++) receive({ ...REQUEST, senderIp: OTHER_IP });
    expect([...refusals.counts.values()].reduce((sum, count) => sum + count)).toBe(1_000);
    expect(told).toHaveLength(20);
    receive({ ...REQUEST, senderIp: OTHER_IP }, PORT, 10_000);
    expect(told.at(-1)).toMatchObject({ mac: printed(HOST), untold: 980 });
  });
});

describe('a link-local address, bound statically', () => {
  const LOCAL_IP = '169.254.7.1';

  test('may reply to all', () => {
    const { hi16, lo32 } = wordsOf(HOST);
    room.neighbours.addStatic(keyOf(LOCAL_IP), 0, hi16, lo32, PORT);
    expect(receive({ ...REPLY, to: BROADCAST, senderIp: LOCAL_IP })).toBe(PASS);
    expect(receive({ ...REPLY, senderIp: LOCAL_IP })).toBe(PASS);
  });
});

test('the log names the address that a denied frame claims', () => {
  receive({ ...REQUEST, senderIp: OTHER_IP });
  receive({ ...REQUEST, operation: '0009' });
  expect(told.map(({ address }) => address)).toEqual([OTHER_IP, undefined]);
});

function expectRefusedOnce(verdict: number): void {
  expect(verdict).toBe(CONSUMED);
  expect(refusals.of(RefusalReason.SenderUnbound)).toBe(1);
}

describe('on a trusted port', () => {
  test.each<[string, Parameters<typeof arpFrame>[0]]>([
    ["another's address", { ...REQUEST, senderIp: OTHER_IP }],
    ['a reply to all', { ...REPLY, to: BROADCAST }],
    ['another source', { ...REQUEST, from: OTHER }],
    ['an odd operation', { ...REQUEST, operation: '0009' }],
  ])('%s passes', (_, fields) => {
    expect(receive(fields, TRUSTED_PORT)).toBe(PASS);
    expect(refusals.counts.size).toBe(0);
  });

  test('no rate limit applies', () => {
    for (let index = 0; index < 1_000; index++) {
      expect(receive(REQUEST, TRUSTED_PORT)).toBe(PASS);
    }
  });

  test('a malformed frame is counted as malformed', () => {
    receive({ ...REQUEST, operation: '0009' }, TRUSTED_PORT);
    expect(counters.of(ArpCounter.Malformed)).toBe(1);
  });
});

test('every reason has a name and a meaning', () => {
  expect(REFUSAL_REASONS).toHaveLength(Object.keys(RefusalReason).length);
  expect(new Set(REFUSAL_REASONS.map(({ name }) => name)).size).toBe(REFUSAL_REASONS.length);
});
