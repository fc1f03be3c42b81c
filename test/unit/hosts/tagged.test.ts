/** ARP, ND and DHCP behind VLAN tags, and in LLC with SNAP. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { CountingSink, RoomHarness } from '../../support/room-harness';
import { inspect } from '../../support/rooms';
import { RefusalReason } from '../../../src/hosts/refusal-reason';
import { BROADCAST, station } from '../../support/ethernet';
import { advertisement, arpFrame, ipv6Frame, udpFrame, udpV6Frame } from '../../support/ip-frames';

const HOST = station(1);
const TRUSTED_PORT = 0;
const PORT = 1;

const ARP = arpFrame({ senderMac: HOST, senderIp: '192.0.2.1', targetIp: '192.0.2.2' });
const ND = advertisement({ mac: HOST, target: '2001:db8::1', flags: '20' });
const UDP = {
  to: BROADCAST,
  from: HOST,
  source: '192.0.2.1',
  destination: '192.0.2.2',
  sourcePort: 67,
  destinationPort: 68,
  payload: '00',
};
const UDP_V6 = { ...UDP, source: '2001:db8::1', destination: '2001:db8::2', sourcePort: 547 };
const IPV6 = { to: HOST, from: HOST, source: '2001:db8::1', destination: '2001:db8::2' };

/** Puts tags behind the addresses. */
function tagged(tags: string, frame: string): string {
  return frame.slice(0, 24) + tags.replace(/ /g, '') + frame.slice(24);
}

function admits(frame: string, port: number): { passes: boolean; refusals: CountingSink } {
  const refusals = new CountingSink();
  const inspection = inspect(refusals, [TRUSTED_PORT]);
  const harness = new RoomHarness();
  const passes = inspection.admitsTagged(harness, harness.receive(frame, port));
  return { passes, refusals };
}

describe('on an untrusted port', () => {
  test.each([
    ['ARP with priority', tagged('81000000', ARP)],
    ['ARP behind two priority tags', tagged('81000000 81000000', ARP)],
    ['ARP behind an old tag', tagged('91000000', ARP)],
    ['ARP in SNAP', tagged('0024 aaaa03 000000', ARP)],
    ['ARP in SNAP of a tunnel', tagged('0024 aaaa03 0000f8', ARP)],
    ['ARP in SNAP with too short a length', tagged('0000 aaaa03 000000', ARP)],
    ['ARP in SNAP of a jumbo frame', tagged('8870 aaaa03 000000', ARP)],
    ['ARP in SNAP of a jumbo frame behind a tag', tagged('8100000a 8870 aaaa03 000000', ARP)],
    ['ARP in SNAP with too long a length', tagged('05ff aaaa03 000000', ARP)],
    ['ARP in SNAP behind priority tags', tagged('81000000 88a80000 0024 aaaa03 000000', ARP)],
    ['ARP behind a priority tag in SNAP', tagged('0028 aaaa03 000000 81000000', ARP)],
    ['Neighbor Discovery in SNAP', tagged('0048 aaaa03 000000', ND)],
    ['a DHCP server in SNAP', tagged('0024 aaaa03 000000', udpFrame(UDP))],
    ['ARP in a VLAN', tagged('8100000a', ARP)],
    ['ARP behind two tags', tagged('88a80001 81000000', ARP)],
    ['Neighbor Discovery', tagged('81000000', ND)],
    ['a DHCP server', tagged('81000000', udpFrame(UDP))],
    [
      'a DHCP server behind IPv4 options',
      tagged('81000000', udpFrame({ ...UDP, options: '94040000' })),
    ],
    ['a DHCPv6 server', tagged('81000000', udpV6Frame(UDP_V6))],
    [
      'IPv6 extension headers',
      tagged('81000000', ipv6Frame({ ...IPV6, nextHeader: '00', payload: '' })),
    ],
  ])('%s is denied', (_, frame) => {
    const { passes, refusals } = admits(frame, PORT);
    expect(passes).toBe(false);
    expect([...refusals.counts]).toEqual([[RefusalReason.Disguised, 1]]);
  });

  test.each([
    ['TCP in SNAP', tagged('0024 aaaa03 000000', udpFrame(UDP).replace('004011', '004006'))],
    ['a BPDU', `0180c2000000${HOST}0026424203${'00'.repeat(35)}`],
    ['half a SNAP header', tagged('0024 aaaa03', `${BROADCAST}${HOST}`)],
    [
      'SNAP without a packet',
      tagged('0008 aaaa03 000000 0806', `${BROADCAST}${HOST}`).slice(0, -2),
    ],
    ['TCP', tagged('81000000', udpFrame(UDP).replace('004011', '004006'))],
    ['other UDP', tagged('81000000', udpFrame({ ...UDP, sourcePort: 53, destinationPort: 53 }))],
    ['TCP over IPv6', tagged('81000000', ipv6Frame({ ...IPV6, nextHeader: '06', payload: '' }))],
    ['another EtherType', tagged('81000000', `${BROADCAST}${HOST}88b500`)],
    ['a tag and nothing else', tagged('8100', `${BROADCAST}${HOST}`)],
    ['half an IPv4 header', tagged('81000000', udpFrame(UDP).slice(0, 50))],
    ['half an IPv6 header', tagged('81000000', udpV6Frame(UDP_V6).slice(0, 50))],
    ['half a UDP header', tagged('81000000', udpFrame(UDP).slice(0, 2 * (14 + 20 + 3)))],
  ])('%s passes', (_, frame) => {
    expect(admits(frame, PORT).passes).toBe(true);
  });
});

test('ARP is inspected in any stack of wrappings', () => {
  const tags = fc.constantFrom('81000000', '88a80000', '8100e00a', '9100ffff', '92000000');
  const length = fc.integer({ min: 0, max: 0x5ff }).map((bytes) => bytes.toString(16));
  const snap = fc
    .tuple(
      length,
      fc.constantFrom('aaaa03', 'abab03', 'aaaa13'),
      fc.constantFrom('000000', '0000f8'),
    )
    .map(([bytes, llc, organisation]) => bytes.padStart(4, '0') + llc + organisation);
  const stack = fc.array(fc.oneof(tags, snap), { minLength: 1, maxLength: 6 });
  const arp = fc.nat({ max: ARP.length / 2 - 14 });
  fc.assert(
    fc.property(stack, arp, (wrappings, cutBytes) => {
      const frame = tagged(wrappings.join(''), ARP);
      expect(admits(frame.slice(0, frame.length - 2 * cutBytes), PORT).passes).toBe(false);
    }),
  );
});

test('on a trusted port every frame passes', () => {
  expect(admits(tagged('81000000', ARP), TRUSTED_PORT).passes).toBe(true);
});
