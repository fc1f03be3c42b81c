/** Inspection of Neighbor Discovery, and of headers that would hide it. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import type { Nd } from '../../../src/nd/nd';
import { RefusalReason } from '../../../src/hosts/refusal-reason';
import { ANY_PORT } from '../../../src/hosts/binding-table';
import { station } from '../../support/ethernet';
import {
  advertisement,
  icmpv6Frame,
  ipHex,
  ipv6Frame,
  ipv6Probe,
  solicitation,
} from '../../support/ip-frames';
import { CountingSink, RoomHarness } from '../../support/room-harness';
import { inspect, keyOf, makeNd, wordsOf } from '../../support/rooms';

const HOST = station(1);
const OTHER = station(2);
const HOST_IP = '2001:db8::1';
const OTHER_IP = '2001:db8::2';
const LINK_LOCAL = 'fe80::ff:fe00:1';

const TRUSTED_PORT = 0;
const PORT = 1;

const ADDRESSES = { to: '333300000001', from: HOST, source: LINK_LOCAL, destination: 'ff02::1' };
const ROUTER_ADVERTISEMENT = icmpv6Frame({
  ...ADDRESSES,
  typeAndCode: '8600',
  body: '40000708 00000000 00000000',
});
const REDIRECT = icmpv6Frame({
  ...ADDRESSES,
  typeAndCode: '8900',
  body: `00000000${ipHex(HOST_IP)}${ipHex(OTHER_IP)}`,
});
/** The first bytes of a router advertisement, with a checksum that is not valid. */
const HIDDEN_ROUTER = '86000000 40000708 00000000 00000000';

let harness: RoomHarness;
let refusals: CountingSink;
let room: Nd;

beforeEach(() => {
  harness = new RoomHarness();
  refusals = new CountingSink();
  const inspection = inspect(refusals, [TRUSTED_PORT]);
  const { hi16, lo32 } = wordsOf(HOST);
  inspection.leases?.grant(keyOf(HOST_IP), 0, hi16, lo32, PORT, 60_000, 0);
  room = makeNd({ inspection });
});

function receive(frame: string, port = PORT): number {
  return room.receive(harness.receive(frame, port), harness.at(0));
}

/** An IPv6 frame with headers between its own and what it carries. */
function behind(nextHeader: string, payload: string): string {
  return ipv6Frame({ ...ADDRESSES, nextHeader, payload });
}

describe('on an untrusted port', () => {
  test.each([
    [
      'a solicitation of the lease holder',
      solicitation({ mac: HOST, source: HOST_IP, target: OTHER_IP }),
    ],
    ['its advertisement', advertisement({ mac: HOST, target: HOST_IP, flags: '20' })],
    ['its link-local question', solicitation({ mac: HOST, source: LINK_LOCAL, target: OTHER_IP })],
    ['its link-local advertisement', advertisement({ mac: HOST, target: LINK_LOCAL, flags: '20' })],
    ['a probe of anybody', ipv6Probe(OTHER, OTHER_IP)],
    [
      'a router solicitation without a source address',
      icmpv6Frame({
        ...ADDRESSES,
        source: '::',
        destination: 'ff02::2',
        typeAndCode: '8500',
        body: '00000000',
      }),
    ],
    [
      'a ping',
      icmpv6Frame({ ...ADDRESSES, source: OTHER_IP, typeAndCode: '8000', body: '00000000' }),
    ],
  ])('%s passes', (_, frame) => {
    expect(receive(frame)).toBe(PASS);
    expect(refusals.counts.size).toBe(0);
  });

  test.each<[string, string, RefusalReason]>([
    [
      "another's address",
      solicitation({ mac: HOST, source: OTHER_IP, target: HOST_IP }),
      RefusalReason.SenderUnbound,
    ],
    [
      "another's address, advertised",
      advertisement({ mac: HOST, target: OTHER_IP, flags: '20', source: HOST_IP }),
      RefusalReason.SenderUnbound,
    ],
    [
      "another's link-local address",
      advertisement({ mac: HOST, target: 'fe80::ff:fe00:2', flags: '20' }),
      RefusalReason.SenderUnbound,
    ],
    [
      "another station's use of it",
      advertisement({ mac: OTHER, target: HOST_IP, flags: '20' }),
      RefusalReason.SenderUnbound,
    ],
    [
      "another's MAC",
      advertisement({ mac: HOST, target: HOST_IP, flags: '20', options: `0201${OTHER}` }),
      RefusalReason.SourceMismatch,
    ],
    ['routes', ROUTER_ADVERTISEMENT, RefusalReason.RouterUntrusted],
    ['a redirect', REDIRECT, RefusalReason.RouterUntrusted],
    [
      'an invalid message',
      advertisement({ mac: HOST, target: HOST_IP, flags: '20', hopLimit: 'fe' }),
      RefusalReason.Malformed,
    ],
    [
      'routes behind hop-by-hop options',
      behind('00', `3a00 010400000000 ${HIDDEN_ROUTER}`),
      RefusalReason.Disguised,
    ],
    [
      'routes behind destination options',
      behind('3c', `3a00 010400000000 ${HIDDEN_ROUTER}`),
      RefusalReason.Disguised,
    ],
    [
      'routes behind a routing header',
      behind('2b', `3a00 000000000000 ${HIDDEN_ROUTER}`),
      RefusalReason.Disguised,
    ],
    [
      'routes behind two headers',
      behind('00', `3c00 010400000000 3a01 ${'00'.repeat(14)} ${HIDDEN_ROUTER}`),
      RefusalReason.Disguised,
    ],
    [
      'routes in a whole fragment',
      behind('2c', `3a00 0000 12345678 ${HIDDEN_ROUTER}`),
      RefusalReason.Disguised,
    ],
    [
      'a first fragment that ends before its type',
      behind('2c', '3a00 0001 12345678'),
      RefusalReason.Disguised,
    ],
    [
      'a first fragment that ends within its headers',
      behind('2c', '3c00 0001 12345678 3a01 0000'),
      RefusalReason.Disguised,
    ],
    [
      'a DHCPv6 server behind a header',
      behind('3c', '1100 010400000000 0223 0222 0008 0000'),
      RefusalReason.Disguised,
    ],
    [
      'UDP that ends before its ports',
      behind('3c', '1100 010400000000 0223'),
      RefusalReason.Disguised,
    ],
  ])('%s is denied', (_, frame, reason) => {
    expect(receive(frame)).toBe(CONSUMED);
    expect([...refusals.counts]).toEqual([[reason, 1]]);
    expect(room.neighbours.count).toBe(0);
  });

  test.each([
    [
      'a listener report behind hop-by-hop options',
      behind('00', '3a00 050200000000 8f000000 00000000'),
    ],
    ['a ping behind destination options', behind('3c', '3a00 010400000000 80000000 00000000')],
    ['a later fragment', behind('2c', `3a00 0009 12345678 ${HIDDEN_ROUTER}`)],
    ['TCP behind destination options', behind('3c', '0600 010400000000 0050 0050')],
    ['UDP behind destination options', behind('3c', '1100 010400000000 0035 0035 0008 0000')],
    ['an unknown header', behind('fe', HIDDEN_ROUTER)],
    ['half an IPv6 header', behind('00', '').slice(0, 60)],
  ])('%s passes', (_, frame) => {
    expect(receive(frame)).toBe(PASS);
    expect(refusals.counts.size).toBe(0);
  });

  test('a static binding confirms the sender', () => {
    const { hi16, lo32 } = wordsOf(OTHER);
    room.neighbours.addStatic(keyOf(OTHER_IP), 0, hi16, lo32, ANY_PORT);
    expect(receive(advertisement({ mac: OTHER, target: OTHER_IP, flags: '20' }))).toBe(PASS);
    expect(receive(advertisement({ mac: HOST, target: OTHER_IP, flags: '20' }))).toBe(CONSUMED);
  });

  test('frames beyond the rate of a port are denied', () => {
    const frame = advertisement({ mac: HOST, target: HOST_IP, flags: '20' });
    const verdicts = Array.from({ length: 300 }, () => receive(frame));
    expect(verdicts.filter((verdict) => verdict === PASS)).toHaveLength(200);
    expect(refusals.of(RefusalReason.RateExceeded)).toBe(100);
  });
});

test.each([
  ['routes', ROUTER_ADVERTISEMENT],
  ['a redirect', REDIRECT],
  ['routes behind a header', behind('00', `3a00 010400000000 ${HIDDEN_ROUTER}`)],
  ["another's address", solicitation({ mac: HOST, source: OTHER_IP, target: HOST_IP })],
])('on a trusted port, %s pass', (_, frame) => {
  expect(receive(frame, TRUSTED_PORT)).toBe(PASS);
  expect(refusals.counts.size).toBe(0);
});
