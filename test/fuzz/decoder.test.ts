/** Mutated frames of every kind: the decoder for tests takes each, and never reads past the end. */

import { expect, test } from '@jest/globals';
import { decode } from '../../src/testing/decoder/decode';
import { frame } from '../../src/testing/frames/frame';
import { randomFrom } from '../support/random';

const FROM = '02:00:00:00:00:01';
const V4 = { from: FROM, to: FROM, source: '192.0.2.1', destination: '192.0.2.2' };
const V6 = { from: FROM, to: FROM, source: '2001:db8::1', destination: '2001:db8::2' };
const PORTS = { sourcePort: 67, destinationPort: 4001 };
const RECORDS_V4 = [{ type: 'to-in', group: '233.252.0.1', sources: ['192.0.2.9'] }] as const;
const RECORDS_V6 = [{ type: 'to-in', group: 'ff0e::1', sources: ['2001:db8::9'] }] as const;

const SEEDS = [
  frame.arp({ senderMac: FROM, senderIp: '192.0.2.1', targetIp: '192.0.2.2' }),
  frame.echoRequest({ ...V4, vlan: [{ vid: 1 }, { vid: 2 }] }),
  frame.tcp({ ...V6, ...PORTS, flags: ['ack'], tcpOptions: new Uint8Array(8) }),
  frame.dhcp({ from: FROM, type: 'discover' }),
  frame.neighbourAdvertisement({ from: FROM, source: '2001:db8::1', target: '2001:db8::1' }),
  frame.routerAdvertisement({ from: FROM, source: 'fe80::1', prefixes: ['2001:db8::'] }),
  frame.igmp({ from: FROM, source: '192.0.2.1', type: 'report-v3', records: RECORDS_V4 }),
  frame.mld({ from: FROM, source: 'fe80::1', type: 'report-v2', records: RECORDS_V6 }),
  frame.bpdu({ from: FROM }),
];
const ROUNDS = 30_000;
const MUTATIONS = 4;

test(`${ROUNDS} mutated frames`, () => {
  const random = randomFrom(0x5eed);
  let cutOff = 0;
  let wrong = 0;
  for (let round = 0; round < ROUNDS; round++) {
    const seed = SEEDS[random(SEEDS.length)] as Uint8Array;
    const bytes = Uint8Array.from(seed.subarray(0, 14 + random(seed.length - 13)));
    for (let count = random(MUTATIONS); count > 0; count--) {
      bytes[random(bytes.length)] = random(256);
    }
    const found = decode(bytes);
    if (found.isCutOff) cutOff++;
    else if (found.payload.length !== bytes.length - 14 - 4 * found.tags.length) wrong++;
  }
  expect(wrong).toBe(0);
  expect(cutOff).toBeGreaterThan(ROUNDS / 10);
  expect(cutOff).toBeLessThan(ROUNDS);
});
