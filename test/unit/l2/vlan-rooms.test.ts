/** Two VLANs with the same MAC and the same addresses: all tables of the switch keep them apart. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import { parseIpAddress } from '../../../src/wire/ip-text';
import { type IpKey, ipKeyOf } from '../../../src/wire/ip-key';
import { type MacWords, parseMac } from '../../../src/wire/mac';
import type { PortVlan } from '../../../src/l2/vlan-table';
import type { RoomNews } from '../../../src/l2/room-list';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { solicitation } from '../../support/ip-frames';
import { MemorySwitch } from '../../support/memory-switch';
import { fromHex } from '../../support/room-harness';

const SWITCH = '020000000099';
const A = station(0x0a);
const B = station(0x0b);
const OWN_IP = 'c00002fe';
const A_IP = 'c000020a';
const B_IP = 'c000020b';

const access = (vid: number): PortVlan[] => [{ vid, pvid: true, untagged: true }];
const keyOf = (text: string): IpKey => ipKeyOf(parseIpAddress(text) as Uint8Array);
const macOf = (hex: string): MacWords => parseMac(printed(hex)) as MacWords;

const arp = (operation: 1 | 2, from: string, sender: string, target: string, to = BROADCAST) =>
  ethernet({
    ...{ to, from, type: '0806' },
    payload: `000108000604000${operation}${from}${sender}000000000000${target}`,
  });

/** Ports 0 and 1 are in VLAN 10, 2 and 3 in VLAN 20, and port 4 is a trunk of both. */
function twoVlans(options: object = {}): MemorySwitch {
  const sw = new MemorySwitch(5, { mac: macOf(SWITCH), ...options });
  sw.bridge.configure({ vlanFiltering: true });
  [10, 10, 20, 20].forEach((vid, port) => sw.bridge.setPortVlans(port, access(vid)));
  sw.bridge.setPortVlans(4, [{ vid: 10 }, { vid: 20 }]);
  return sw;
}

/** VLAN and port of each entry of a station. */
const entriesOf = (sw: MemorySwitch, mac: string): [number, number][] =>
  sw.bridge
    .stations(sw.nowMs)
    .filter((entry) => entry.mac === printed(mac))
    .map(({ vlan, port }): [number, number] => [vlan, port])
    .sort(([a], [b]) => a - b);

describe('one MAC in two VLANs', () => {
  let sw: MemorySwitch;
  beforeEach(() => {
    sw = twoVlans();
    sw.send(0, ethernet({ to: BROADCAST, from: A }));
    sw.send(2, ethernet({ to: BROADCAST, from: A }));
  });

  test('is two stations', () => {
    expect(entriesOf(sw, A)).toEqual([
      [10, 0],
      [20, 2],
    ]);
    const toA = ethernet({ to: A, from: B });
    expect(sw.send(1, toA).map(({ length }) => length)).toEqual([1, 0, 0, 0, 0]);
    expect(sw.send(3, toA).map(({ length }) => length)).toEqual([0, 0, 1, 0, 0]);
    expect(sw.events('move')).toEqual([]);
  });

  test('goes with the VLAN that its port leaves', () => {
    sw.bridge.setPortVlans(0, access(11));
    expect(entriesOf(sw, A)).toEqual([[20, 2]]);
  });

  test('is not found any more when filtering ends, and floods', () => {
    sw.bridge.configure({ vlanFiltering: false });
    const out = sw.send(1, ethernet({ to: A, from: B }));
    expect(out.map(({ length }) => length)).toEqual([1, 0, 1, 1, 1]);
  });
});

describe('an address of the switch', () => {
  const request = arp(1, A, A_IP, OWN_IP);
  const replies = (out: string[][]): number[] =>
    out.map((frames) => frames.filter((frame) => frame.includes(`0002${SWITCH}`)).length);

  test('is answered in its VLAN only, with the tag of the port', () => {
    const sw = twoVlans();
    sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.254'), 0, 24, 10);
    sw.io.advance(5_000);
    const claims = sw.take();
    expect(claims.map(({ length }) => length)).toEqual([5, 5, 0, 0, 5]);
    expect(claims[4]?.[0]).toMatch(new RegExp(`^${BROADCAST}${SWITCH}8100000a0806`));
    expect(replies(sw.send(0, request))).toEqual([1, 0, 0, 0, 0]);
    expect(replies(sw.send(2, request))).toEqual([0, 0, 0, 0, 0]);
    const tagged = ethernet({
      ...{ to: BROADCAST, from: B, type: '8100' },
      payload: `a00a08060001080006040001${B}${B_IP}000000000000${OWN_IP}`,
    });
    expect(sw.send(4, tagged)[4]).toEqual([
      expect.stringMatching(new RegExp(`^${B}${SWITCH}8100000a0806.*0002${SWITCH}`)),
    ]);
  });

  test('without a VLAN is in that of the default PVID', () => {
    const sw = twoVlans();
    sw.bridge.configure({ vlanDefaultPvid: 20 });
    sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.254'), 0, 24);
    sw.io.advance(5_000);
    sw.take();
    expect(replies(sw.send(0, request))).toEqual([0, 0, 0, 0, 0]);
    expect(replies(sw.send(2, request))).toEqual([0, 0, 1, 0, 0]);
  });

  test('with a VLAN rests while the switch does not filter', () => {
    const sw = new MemorySwitch(2, { mac: macOf(SWITCH) });
    sw.bridge.rooms.arp.addresses.add(keyOf('192.0.2.254'), 0, 24, 10);
    sw.io.advance(5_000);
    expect(sw.take()).toEqual([[], []]);
    expect(sw.bridge.dueMs).toBe(Infinity);
    sw.bridge.configure({ vlanFiltering: true });
    sw.bridge.setPortVlans(0, access(10));
    sw.io.advance(5_000);
    expect(sw.take().map(({ length }) => length)).toEqual([5, 0]);
  });

  test('may be that of a host in another VLAN, and is in conflict in its own', () => {
    const told: RoomNews[] = [];
    const sw = twoVlans({ news: (news: RoomNews) => told.push(news) });
    const address = '192.0.2.254';
    sw.bridge.rooms.arp.addresses.add(keyOf(address), 0, 24, 10);
    sw.io.advance(5_000);
    expect(told).toEqual([{ event: 'address-claimed', address, vlan: 10 }]);
    sw.send(2, arp(1, B, OWN_IP, OWN_IP));
    expect(told).toHaveLength(1);
    sw.send(1, arp(1, B, OWN_IP, OWN_IP));
    expect(told.slice(1)).toEqual([
      {
        ...{ event: 'address-conflict', address, outcome: 'defended' },
        ...{ mac: printed(B), port: 1, vlan: 10 },
      },
    ]);
  });

  test('of IPv6 is answered in its VLAN only', () => {
    const sw = twoVlans();
    const target = '2001:db8::fe';
    sw.bridge.rooms.nd.addresses.add(keyOf(target), 0, 64, 10);
    sw.io.advance(5_000);
    sw.take();
    const asked = fromHex(solicitation({ mac: A, source: '2001:db8::a', target }));
    const answers = (out: string[][]): number[] =>
      out.map((frames) => frames.filter((sent) => sent.startsWith(A + SWITCH)).length);
    expect(answers(sw.send(0, asked))).toEqual([1, 0, 0, 0, 0]);
    expect(answers(sw.send(2, asked))).toEqual([0, 0, 0, 0, 0]);
  });

  test('answers a ping of its VLAN only', () => {
    const sw = twoVlans();
    const { addresses } = sw.bridge.rooms.arp;
    addresses.add(keyOf('192.0.2.254'), 0, 24, 20);
    sw.io.advance(5_000);
    sw.take();
    expect(addresses.owns(keyOf('192.0.2.254'), 20)).toBe(true);
    expect(addresses.owns(keyOf('192.0.2.254'), 10)).toBe(false);
    const ip = `4500001c0000000040010000${A_IP}${OWN_IP}`;
    const ping = ethernet({
      ...{ to: SWITCH, from: A, type: '0800' },
      payload: `${withChecksum(ip)}0800f7ff00000000`,
    });
    expect(sw.send(2, ping).map(({ length }) => length)).toEqual([0, 0, 1, 0, 0]);
    expect(sw.send(0, ping).map(({ length }) => length)).toEqual([0, 0, 0, 0, 0]);
  });
});

/** An IPv4 header, hex, with its checksum. */
function withChecksum(header: string): string {
  const words = header.match(/.{4}/g) ?? [];
  let sum = words.reduce((total, word) => total + Number.parseInt(word, 16), 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return header.slice(0, 20) + (~sum & 0xffff).toString(16).padStart(4, '0') + header.slice(24);
}

describe('one address in two VLANs', () => {
  /** A switch whose hosts have announced their addresses to all. */
  function introduced(): MemorySwitch {
    const sw = twoVlans({ arp: 'answer' });
    sw.send(1, arp(1, B, B_IP, B_IP));
    sw.send(3, arp(1, station(0x0c), B_IP, B_IP));
    for (const port of [0, 2]) sw.send(port, arp(1, A, A_IP, A_IP));
    return sw;
  }

  test('is answered with the host of the VLAN of the asker', () => {
    const sw = introduced();
    const request = arp(1, A, A_IP, B_IP);
    expect(sw.send(0, request)).toEqual([[expect.stringContaining(`0002${B}`)], [], [], [], []]);
    expect(sw.send(2, request)).toEqual([
      ...[[], []],
      [expect.stringContaining(`0002${station(0x0c)}`)],
      ...[[], []],
    ]);
    expect(sw.bridge.rooms.arp.hosts.list(sw.nowMs).map(({ vlan }) => vlan)).toEqual([
      10, 20, 10, 20,
    ]);
  });

  test('is polled in its VLAN', () => {
    const sw = introduced();
    sw.io.advance(50_000);
    const polls = sw.take();
    expect(polls.map((frames) => frames.length > 0)).toEqual([true, true, true, true, false]);
    expect(polls[1]?.[0]).toMatch(new RegExp(`^${B}${SWITCH}0806`));
  });

  test('is bound in one VLAN and denied in the other', () => {
    const told: RoomNews[] = [];
    const sw = twoVlans({ arp: 'off', inspect: true, news: (news: RoomNews) => told.push(news) });
    const { neighbours } = sw.bridge.rooms.arp;
    const { hi16, lo32 } = macOf(A);
    neighbours.addStatic(keyOf('192.0.2.10'), 10, hi16, lo32, 0);
    const request = arp(1, A, A_IP, B_IP);
    expect(sw.send(0, request)[1]).toHaveLength(1);
    expect(sw.send(2, request)).toEqual([[], [], [], [], []]);
    expect(sw.drops(2)).toEqual({ 'inspect-sender-unbound': 1 });
    expect(told).toEqual([expect.objectContaining({ event: 'inspection-refused', vlan: 20 })]);
  });

  test('is in conflict in one VLAN only, and the event names it', () => {
    const told: RoomNews[] = [];
    const sw = twoVlans({ arp: 'answer', news: (news: RoomNews) => told.push(news) });
    sw.send(1, arp(1, B, B_IP, B_IP));
    sw.send(2, arp(1, station(0x0c), B_IP, B_IP));
    sw.send(3, arp(1, station(0x0d), B_IP, B_IP));
    expect(told).toEqual([
      {
        ...{ event: 'neighbour-changed', address: '192.0.2.11', port: 3, vlan: 20 },
        ...{ mac: printed(station(0x0d)), formerMac: printed(station(0x0c)) },
      },
    ]);
  });
});

test('the MAC of a host behind a port is there in each VLAN of the port', () => {
  const sw = twoVlans();
  sw.bridge.configurePort(4, { hostMac: printed(B) });
  expect(entriesOf(sw, B)).toEqual([
    [10, 4],
    [20, 4],
  ]);
  sw.bridge.setPortVlans(4, [{ vid: 20 }]);
  expect(entriesOf(sw, B)).toEqual([[20, 4]]);
  sw.bridge.configure({ vlanFiltering: false });
  expect(entriesOf(sw, B)).toEqual([[0, 4]]);
});

describe('a station that an operator placed without a VLAN', () => {
  const { hi16, lo32 } = macOf(B);

  test.each([
    ['static', true],
    ['sticky', false],
  ])('is in each VLAN of its port, and follows it (%s)', (_, isStatic) => {
    const sw = twoVlans();
    sw.bridge.addStation(hi16, lo32, 0, 0, isStatic);
    expect(entriesOf(sw, B)).toEqual([[10, 0]]);
    sw.bridge.setPortVlans(0, [{ vid: 10 }, { vid: 20 }]);
    expect(entriesOf(sw, B)).toEqual([
      [10, 0],
      [20, 0],
    ]);
    sw.bridge.setPortVlans(0, access(20));
    expect(entriesOf(sw, B)).toEqual([[20, 0]]);
    sw.bridge.configure({ vlanFiltering: false });
    expect(entriesOf(sw, B)).toEqual([[0, 0]]);
    sw.bridge.configure({ vlanFiltering: true });
    sw.bridge.setPortVlans(0, undefined);
    sw.bridge.configure({ vlanDefaultPvid: 30 });
    expect(entriesOf(sw, B)).toEqual([[30, 0]]);
    expect(sw.bridge.removeStation(hi16, lo32, 0)).toBe(true);
    sw.bridge.setPortVlans(0, access(10));
    expect(entriesOf(sw, B)).toEqual([]);
  });

  test('is there from the start, even if it was placed before its port was added', () => {
    const sw = new MemorySwitch(0);
    sw.bridge.configure({ vlanFiltering: true });
    sw.bridge.addStation(hi16, lo32, 0, 1, true);
    sw.addPort();
    sw.addPort();
    expect(entriesOf(sw, B)).toEqual([[1, 1]]);
    sw.bridge.configurePort(1, { vlans: access(10), locked: true });
    expect(entriesOf(sw, B)).toEqual([[10, 1]]);
    sw.send(1, ethernet({ to: A, from: B }), ethernet({ to: A, from: station(0x0c) }));
    expect(sw.drops(1)).toEqual({ locked: 1, 'no-other-port': 1 });
  });

  test('is not moved by another host in any of its VLANs', () => {
    const sw = twoVlans();
    sw.send(1, ethernet({ to: BROADCAST, from: B }));
    sw.bridge.addStation(hi16, lo32, 0, 4, true);
    sw.send(1, ethernet({ to: BROADCAST, from: B }));
    sw.send(3, ethernet({ to: BROADCAST, from: B }));
    expect(entriesOf(sw, B)).toEqual([
      [10, 4],
      [20, 4],
    ]);
  });

  test('replaces its former place, and is removed with its port', () => {
    const sw = twoVlans();
    sw.bridge.addStation(hi16, lo32, 0, 4, true);
    sw.bridge.addStation(hi16, lo32, 0, 2, true);
    expect(entriesOf(sw, B)).toEqual([[20, 2]]);
    sw.bridge.removePort(2);
    sw.bridge.addPort(2, { name: 'tap2', isUp: true, mtuBytes: 1500, takesOffloads: false });
    expect(entriesOf(sw, B)).toEqual([]);
  });

  test('is not used in a VLAN while an entry names that VLAN', () => {
    const sw = twoVlans();
    sw.bridge.addStation(hi16, lo32, 20, 2, true);
    sw.bridge.addStation(hi16, lo32, 0, 4, true);
    const both = [
      [10, 4],
      [20, 2],
    ];
    expect(entriesOf(sw, B)).toEqual(both);
    sw.bridge.setPortVlans(4, [{ vid: 20 }]);
    expect(entriesOf(sw, B)).toEqual([[20, 2]]);
    sw.bridge.setPortVlans(4, [{ vid: 10 }, { vid: 20 }]);
    expect(entriesOf(sw, B)).toEqual(both);
    sw.bridge.removeStation(hi16, lo32, 20);
    expect(entriesOf(sw, B)).toEqual([
      [10, 4],
      [20, 4],
    ]);
    sw.bridge.addStation(hi16, lo32, 10, 4, true);
    sw.bridge.removeStation(hi16, lo32, 0);
    expect(entriesOf(sw, B)).toEqual([[10, 4]]);
  });

  test('that was sticky and aged does not remove a station that was learned since then', () => {
    const sw = twoVlans();
    sw.bridge.addStation(hi16, lo32, 0, 4, false);
    sw.bridge.setPortUp(4, false);
    sw.send(0, ethernet({ to: BROADCAST, from: B }));
    sw.bridge.setPortVlans(4, [{ vid: 30 }]);
    expect(entriesOf(sw, B)).toEqual([
      [10, 0],
      [30, 4],
    ]);
  });

  test('for which there is no room in all VLANs is refused, or reported', () => {
    const sw = twoVlans();
    sw.bridge.setPortVlans(4, [{ vid: 1, vidEnd: 4094 }]);
    expect(sw.bridge.addStation(hi16, lo32, 0, 4, true)).toBe(false);
    expect(entriesOf(sw, B)).toEqual([]);
    sw.bridge.setPortVlans(4, access(10));
    expect(sw.bridge.addStation(hi16, lo32, 0, 4, true)).toBe(true);
    sw.events();
    sw.bridge.setPortVlans(4, [{ vid: 1, vidEnd: 4094 }]);
    expect(sw.events('limit')).toEqual([expect.objectContaining({ mac: printed(B), port: 4 })]);
  });
});

describe('a static binding without a VLAN', () => {
  const request = arp(1, A, A_IP, B_IP);
  const { hi16, lo32 } = macOf(A);
  const bind = (sw: MemorySwitch, mac = A, vlan = 0, port = -1): boolean => {
    const words = macOf(mac);
    const { neighbours } = sw.bridge.rooms.arp;
    return neighbours.addStatic(keyOf('192.0.2.10'), vlan, words.hi16, words.lo32, port);
  };

  test('lets its owner pass in every VLAN, and nobody else', () => {
    const sw = twoVlans({ arp: 'answer', inspect: true });
    bind(sw);
    expect(sw.send(0, request)[1]).toHaveLength(1);
    expect(sw.send(2, request)[3]).toHaveLength(1);
    expect(sw.send(1, arp(1, B, A_IP, OWN_IP))).toEqual([[], [], [], [], []]);
    expect(sw.drops(1)).toEqual({ 'inspect-sender-unbound': 1 });
  });

  test('is not used in a VLAN that has its own binding', () => {
    const sw = twoVlans({ arp: 'answer', inspect: true });
    bind(sw);
    bind(sw, B, 20);
    expect(sw.send(2, request)).toEqual([[], [], [], [], []]);
    expect(sw.send(2, arp(1, B, A_IP, OWN_IP))[3]).toHaveLength(1);
    expect(sw.send(0, request)[1]).toHaveLength(1);
  });

  test('counts whenever filtering is switched on or off', () => {
    const sw = twoVlans({ arp: 'answer', inspect: true });
    bind(sw);
    for (const vlanFiltering of [false, true, false, true]) {
      sw.bridge.configure({ vlanFiltering });
      expect(sw.send(0, request)[1]).toHaveLength(1);
    }
  });

  test('takes precedence over learned bindings, before or after it', () => {
    const sw = twoVlans({ arp: 'answer' });
    const { neighbours } = sw.bridge.rooms.arp;
    const listed = () =>
      neighbours.list(sw.nowMs).map(({ mac, vlan, state }) => [mac, vlan, state]);
    sw.send(1, arp(1, B, A_IP, A_IP));
    sw.send(1, arp(1, B, B_IP, B_IP));
    bind(sw);
    sw.send(1, arp(1, B, A_IP, A_IP));
    expect(listed()).toEqual(
      expect.arrayContaining([
        [printed(A), 0, 'permanent'],
        [printed(B), 10, 'reachable'],
      ]),
    );
    expect(listed()).toHaveLength(2);
  });

  test.each(['answer', 'direct'] as const)(
    'is the one for which the switch answers (%s)',
    (mode) => {
      const sw = twoVlans({ arp: mode });
      bind(sw);
      sw.bridge.addStation(hi16, lo32, 0, 1, true);
      sw.send(0, arp(1, B, B_IP, B_IP));
      const out = sw.send(0, arp(1, B, B_IP, A_IP));
      const expected = mode === 'answer' ? [1, 0, 0, 0, 0] : [0, 1, 0, 0, 0];
      expect(out.map(({ length }) => length)).toEqual(expected);
    },
  );
});
