/** Rules for known hosts that only ARP has. `hosts/known-hosts.test.ts` tests the rules that ARP and ND share. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Arp } from '../../../src/arp/arp';
import { ArpCounter } from '../../../src/arp/counters';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import type { HostNews } from '../../../src/hosts/news';
import { ANY_PORT } from '../../../src/hosts/binding-table';
import { BROADCAST, printed } from '../../support/ethernet';
import { NOBODY, UNSPECIFIED_V4, arpFrame } from '../../support/ip-frames';
import { ALL_PORTS, type CountingSink, type RoomHarness } from '../../support/room-harness';
import { ARP } from '../../support/address-family';
import {
  ASKER,
  ASKER_PORT,
  OTHER,
  OTHER_PORT,
  OWNER,
  OWNER_PORT,
  ResolutionLab,
  expectAnswered as expectAnsweredIn,
  expectFlooded as expectFloodedIn,
} from '../../support/resolution-lab';
import { SWITCH, keyOf, wordsOf } from '../../support/rooms';
import type { TestTopology } from '../../support/topology';

const VIRTUAL = '00005e000107';

const ASKER_IP = '192.0.2.1';
const OWNER_IP = '192.0.2.2';
const OTHER_IP = '192.0.2.3';

const QUESTION = { senderMac: ASKER, senderIp: ASKER_IP, targetIp: OWNER_IP };
const OWNER_SPEAKS = arpFrame({ senderMac: OWNER, senderIp: OWNER_IP, targetIp: OTHER_IP });
const OWNER_ANNOUNCES = arpFrame({ senderMac: OWNER, senderIp: OWNER_IP, targetIp: OWNER_IP });
const ASKER_ANNOUNCES = arpFrame({ senderMac: ASKER, senderIp: ASKER_IP, targetIp: ASKER_IP });

let lab: ResolutionLab;
let harness: RoomHarness;
let topology: TestTopology;
let counters: CountingSink;
let news: HostNews[];
let room: Arp;

beforeEach(() => {
  lab = new ResolutionLab(ARP);
  ({ harness, topology, counters, news } = lab);
  room = lab.room as Arp;
});

function receive(frame: string, port: number, nowMs: number): number {
  return lab.receive(frame, port, nowMs);
}

function ask(fields: Partial<Parameters<typeof arpFrame>[0]> = {}, nowMs = 10): number {
  return receive(arpFrame({ ...QUESTION, ...fields }), ASKER_PORT, nowMs);
}

function expectAnswered(verdict: number): void {
  expectAnsweredIn(lab, verdict);
}

function expectFlooded(verdict: number): void {
  expectFloodedIn(lab, verdict);
}

describe('--arp answer', () => {
  test.each([
    ['its request', OWNER_SPEAKS],
    ['its announcement', OWNER_ANNOUNCES],
    [
      'its reply',
      arpFrame({
        to: OTHER,
        operation: '0002',
        senderMac: OWNER,
        senderIp: OWNER_IP,
        targetMac: OTHER,
        targetIp: OTHER_IP,
      }),
    ],
    [
      'its gratuitous reply',
      arpFrame({
        operation: '0002',
        senderMac: OWNER,
        senderIp: OWNER_IP,
        targetMac: BROADCAST,
        targetIp: OWNER_IP,
      }),
    ],
  ])('a host is known by %s', (_, frame) => {
    room.neighbours.flush(OWNER_PORT);
    expect(receive(frame, OWNER_PORT, 0)).toBe(PASS);
    expectAnswered(ask());
  });

  test.each<[string, Partial<Parameters<typeof arpFrame>[0]>]>([
    ['an announcement', { senderIp: OWNER_IP }],
    ['a reply', { operation: '0002' }],
    ['a unicast request', { to: OWNER }],
    ['a request to another group', { to: '01005e000001' }],
    ['a malformed request', { from: OTHER }],
  ])('%s is always forwarded', (_, fields) => {
    expectFlooded(ask(fields));
  });

  test('after a probe for the address of a host, the switch does not answer for the host until it defends the address', () => {
    receive(
      arpFrame({ senderMac: OTHER, senderIp: UNSPECIFIED_V4, targetIp: OWNER_IP }),
      OTHER_PORT,
      5,
    );
    expectFlooded(ask());
    const defence = arpFrame({
      to: OTHER,
      operation: '0002',
      senderMac: OWNER,
      senderIp: OWNER_IP,
      targetMac: OTHER,
      targetIp: UNSPECIFIED_V4,
    });
    expect(receive(defence, OWNER_PORT, 11)).toBe(PASS);
    expectAnswered(ask({}, 12));
  });

  test('the unspecified address gets no binding', () => {
    receive(
      arpFrame({ senderMac: OTHER, senderIp: UNSPECIFIED_V4, targetIp: OTHER_IP }),
      OTHER_PORT,
      5,
    );
    const bound = room.neighbours.list(5).map(({ address }) => address);
    expect(bound).toEqual([OWNER_IP, ASKER_IP]);
  });

  test('the switch answers for neither of two stations that hold one address', () => {
    topology.place(OTHER, OTHER_PORT);
    receive(arpFrame({ senderMac: OTHER, senderIp: OWNER_IP, targetIp: OWNER_IP }), OTHER_PORT, 5);
    const reply = arpFrame({
      to: SWITCH,
      operation: '0002',
      senderMac: OWNER,
      senderIp: OWNER_IP,
      targetMac: SWITCH,
      targetIp: UNSPECIFIED_V4,
    });
    expect(receive(reply, OWNER_PORT, 6)).toBe(CONSUMED);
    expect(lab.doubts()).toEqual(['neighbour-changed', 'neighbour-conflict']);
    expect(counters.of(ArpCounter.HostConflict)).toBe(1);
    expectFlooded(ask());
  });

  test('the switch answers for a static binding, wherever the FDB has the station', () => {
    const { neighbours } = room.hosts;
    const { hi16, lo32 } = wordsOf(OTHER);
    neighbours.addStatic(keyOf(OTHER_IP), 0, hi16, lo32, ANY_PORT);
    receive(ASKER_ANNOUNCES, ASKER_PORT, 1e9);
    expectFlooded(ask({ targetIp: OTHER_IP }, 1e9));
    topology.place(OTHER, OTHER_PORT);
    expect(ask({ targetIp: OTHER_IP }, 1e9)).toBe(CONSUMED);
    neighbours.addStatic(keyOf(OTHER_IP), 0, hi16, lo32, OWNER_PORT);
    harness.takeSent();
    expectFlooded(ask({ targetIp: OTHER_IP }, 1e9));
  });

  test.each([
    ['a host', ASKER],
    ['a virtual router', VIRTUAL],
  ])('a static binding outlives the claim of %s, which is reported', (_, claimer) => {
    const { hi16, lo32 } = wordsOf(OWNER);
    room.neighbours.addStatic(keyOf(OWNER_IP), 0, hi16, lo32, OWNER_PORT);
    receive(arpFrame({ senderMac: claimer, senderIp: OWNER_IP, targetIp: OWNER_IP }), 3, 5);
    expectAnswered(ask());
    expect(news).toEqual([
      {
        event: 'neighbour-contradicted',
        address: OWNER_IP,
        mac: printed(claimer),
        port: 3,
        formerMac: printed(OWNER),
      },
    ]);
  });
});

describe('a link-local address (RFC 3927 2.5)', () => {
  const LOCAL_IP = '169.254.7.2';

  test('of a host: the answer goes to all but the host', () => {
    const announcement = { senderMac: OWNER, senderIp: LOCAL_IP, targetIp: LOCAL_IP };
    receive(arpFrame(announcement), OWNER_PORT, 5);
    expect(ask({ targetIp: LOCAL_IP })).toBe(CONSUMED);
    const reply = { operation: '0002', targetMac: ASKER, targetIp: ASKER_IP };
    const hex = arpFrame({ ...announcement, ...reply });
    expect(harness.takeSent()).toEqual([{ port: ALL_PORTS, hex, except: OWNER_PORT }]);
  });

  test('of the switch: the answer goes to all, and the switch sends no poll', () => {
    room.addresses.add(keyOf('169.254.7.9'), 0, 16);
    for (const nowMs of [0, 100, 200, 300, 2_300]) room.tick(nowMs, harness);
    harness.takeSent();
    receive(arpFrame({ ...QUESTION, targetIp: '169.254.7.9' }), ASKER_PORT, 2_400);
    const reply = { operation: '0002', targetMac: ASKER, targetIp: ASKER_IP };
    const hex = arpFrame({ ...reply, senderMac: SWITCH, senderIp: '169.254.7.9' });
    expect(harness.takeSent()).toEqual([{ port: ALL_PORTS, hex }]);
    expect(room.sourceFor(keyOf(LOCAL_IP))).toBe(0);
  });
});

describe("a host that asks for the switch's own address", () => {
  test('is learned from the request', () => {
    room.addresses.add(keyOf('192.0.2.254'), 0);
    for (const nowMs of [0, 100, 200, 300]) room.tick(nowMs, harness);
    receive(
      arpFrame({ senderMac: OTHER, senderIp: OTHER_IP, targetIp: '192.0.2.254' }),
      OTHER_PORT,
      400,
    );
    topology.place(OTHER, OTHER_PORT);
    harness.takeSent();
    expect(ask({ targetIp: OTHER_IP }, 500)).toBe(CONSUMED);
  });

  test('a station that uses it gets no binding for it', () => {
    room.addresses.add(keyOf('192.0.2.254'), 0);
    receive(
      arpFrame({ senderMac: OTHER, senderIp: '192.0.2.254', targetIp: OTHER_IP }),
      OTHER_PORT,
      0,
    );
    const bound = room.neighbours.list(0).map(({ address }) => address);
    expect(bound).toEqual([OWNER_IP, ASKER_IP]);
  });
});

describe('polls', () => {
  function pollsAt24s(): { port: number; hex: string }[] {
    room.tick(23_999, harness);
    harness.takeSent();
    room.tick(24_000, harness);
    return harness.takeSent().filter(({ port }) => port === OWNER_PORT);
  }

  test('have the source address 0.0.0.0 if the switch has no address in the network', () => {
    expect(pollsAt24s()).toEqual([
      {
        port: OWNER_PORT,
        hex: arpFrame({
          to: OWNER,
          senderMac: SWITCH,
          senderIp: UNSPECIFIED_V4,
          targetMac: NOBODY,
          targetIp: OWNER_IP,
        }),
      },
    ]);
  });

  test.each([
    ['192.0.2.254', 24, '192.0.2.254'],
    ['192.0.2.254', 0, '192.0.2.254'],
    ['192.0.2.254', 25, UNSPECIFIED_V4],
    ['192.0.2.254', 32, UNSPECIFIED_V4],
    ['198.51.100.1', 24, UNSPECIFIED_V4],
  ])('with %s/%i come from %s', (own, prefixBits, senderIp) => {
    room.addresses.add(keyOf(own), 0, prefixBits);
    for (const nowMs of [0, 100, 200, 300, 2_300]) room.tick(nowMs, harness);
    expect(pollsAt24s().map(({ hex }) => hex)).toEqual([
      arpFrame({ to: OWNER, senderMac: SWITCH, senderIp, targetIp: OWNER_IP }),
    ]);
  });

  test('are answered by the host, and the switch answers for it again', () => {
    pollsAt24s();
    const reply = { to: SWITCH, operation: '0002', senderMac: OWNER, senderIp: OWNER_IP };
    receive(
      arpFrame({ ...reply, targetMac: SWITCH, targetIp: UNSPECIFIED_V4 }),
      OWNER_PORT,
      24_001,
    );
    receive(ASKER_ANNOUNCES, ASKER_PORT, 69_999);
    expectAnswered(ask({}, 70_000));
  });

  test('are not answered by the host, and the switch stops to answer for it', () => {
    for (let nowMs = 0; nowMs <= 30_000; nowMs += 100) room.tick(nowMs, harness);
    harness.takeSent();
    expectFlooded(ask({}, 30_000));
  });
});

test('--arp direct: an announcement is flooded', () => {
  room.hosts.setRules('direct');
  expectFlooded(ask({ senderIp: OWNER_IP }));
});
