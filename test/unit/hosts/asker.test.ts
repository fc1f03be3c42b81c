/**
 * A request also announces its sender. The switch keeps it from a host only after all hosts have heard the sender:
 * the same rules for ARP and for Neighbor Discovery, each broken once.
 */

import { beforeEach, describe, expect, test } from '@jest/globals';
import type { Arp } from '../../../src/arp/arp';
import { CONSUMED, PASS } from '../../../src/frame/verdict';
import type { Nd } from '../../../src/nd/nd';
import { ANY_PORT } from '../../../src/hosts/binding-table';
import { station } from '../../support/ethernet';
import { ARP, ND } from '../../support/address-family';
import { RoomHarness } from '../../support/room-harness';
import { keyOf, makeRoom, wordsOf } from '../../support/rooms';
import { TestTopology } from '../../support/topology';

const ASKER = station(1);
const OWNER = station(2);
const OTHER = station(3);
const NEW_MAC = station(4);

const ASKER_PORT = 1;
const OWNER_PORT = 2;
const OTHER_PORT = 3;

describe.each([
  [ARP, 'answer'],
  [ARP, 'direct'],
  [ND, 'answer'],
  [ND, 'direct'],
] as const)('$name', (family, mode) => {
  const { askerIp, ownerIp, otherIp } = family;
  let harness: RoomHarness;
  let topology: TestTopology;
  let room: Arp | Nd;

  beforeEach(() => {
    harness = new RoomHarness();
    topology = new TestTopology();
    topology.place(OWNER, OWNER_PORT);
    topology.place(OTHER, OTHER_PORT);
    topology.place(ASKER, ASKER_PORT);
    room = makeRoom(family, { topology, mode });
    receive(family.announcement(OWNER, ownerIp), OWNER_PORT, 0);
    receive(family.announcement(OTHER, otherIp), OTHER_PORT, 0);
  });

  function receive(frame: string, port: number, nowMs: number): number {
    return room.receive(harness.receive(frame, port), harness.at(nowMs));
  }

  function ask(nowMs: number, mac = ASKER, port = ASKER_PORT, target = ownerIp): number {
    return receive(family.request(mac, askerIp, target), port, nowMs);
  }

  function announce(nowMs: number, mac = ASKER, port = ASKER_PORT): void {
    expect(receive(family.announcement(mac, askerIp), port, nowMs)).toBe(PASS);
  }

  /** Verdict on a request that reaches its owner alone, or no host. */
  const SPARED = mode === 'direct' ? OWNER_PORT : CONSUMED;

  /** Lets time pass in which only the switch sends. */
  function wait(fromMs: number, toMs: number): void {
    for (let nowMs = fromMs; nowMs < toMs; nowMs += 50) room.tick(nowMs, harness);
    harness.takeSent();
  }

  test(`--arp ${mode}: the first request of a new asker reaches all hosts`, () => {
    expect(ask(1)).toBe(PASS);
    expect(ask(2)).toBe(SPARED);
  });

  test(`--arp ${mode}: a request after a reply of the asker does not reach all hosts, because none has a wrong entry`, () => {
    receive(family.reply(ASKER, askerIp, OTHER, otherIp), ASKER_PORT, 1);
    expect(ask(2)).toBe(SPARED);
  });

  test(`--arp ${mode}: a request after a reply with a new MAC, or at another port, reaches all hosts`, () => {
    announce(1);
    receive(family.reply(ASKER, askerIp, OTHER, otherIp), OTHER_PORT + 1, 2);
    topology.place(ASKER, OTHER_PORT + 1);
    expect(ask(3, ASKER, OTHER_PORT + 1)).toBe(PASS);
    room.neighbours.flush(OTHER_PORT + 1);
    topology.place(NEW_MAC, ASKER_PORT);
    receive(family.reply(NEW_MAC, askerIp, OTHER, otherIp), ASKER_PORT, 10_000);
    expect(ask(10_001, NEW_MAC)).toBe(PASS);
  });

  test(`--arp ${mode}: a request after an announcement does not reach all hosts`, () => {
    announce(1);
    expect(ask(2)).toBe(SPARED);
  });

  test(`--arp ${mode}: a request after a lifetime of silence reaches all hosts`, () => {
    announce(0);
    receive(family.announcement(OWNER, ownerIp), OWNER_PORT, 59_000);
    expect(ask(60_000)).toBe(PASS);
    expect(ask(60_001)).toBe(SPARED);
  });

  test(`--arp ${mode}: requests with a new MAC reach all hosts until hosts accept the MAC`, () => {
    announce(1);
    expect(ask(2)).toBe(SPARED);
    topology.place(NEW_MAC, ASKER_PORT);
    for (const nowMs of [10, 20, 30]) expect(ask(nowMs, NEW_MAC)).toBe(PASS);
    // The new binding is settled.
    wait(40, 3_000);
    // Hosts may have ignored the requests before: their entries for the asker had just changed.
    expect(ask(3_000, NEW_MAC)).toBe(PASS);
    // A solicitation reaches its target alone; an ARP request reaches all.
    expect(ask(3_001, NEW_MAC)).toBe(family === ND ? PASS : SPARED);
    if (family === ND) announce(3_002, NEW_MAC);
    expect(ask(3_003, NEW_MAC)).toBe(SPARED);
    expect(ask(3_004, NEW_MAC, ASKER_PORT, otherIp)).not.toBe(PASS);
  });

  test(`--arp ${mode}: a request with a new MAC reaches all hosts, also after the former port went down`, () => {
    announce(1);
    expect(ask(2)).toBe(SPARED);
    room.neighbours.flush(ASKER_PORT);
    topology.forget(ASKER);
    topology.place(NEW_MAC, OTHER_PORT + 1);
    expect(ask(10, NEW_MAC, OTHER_PORT + 1)).toBe(PASS);
    expect(ask(20, NEW_MAC, OTHER_PORT + 1, otherIp)).toBe(PASS);
  });

  test(`--arp ${mode}: a request after a move reaches all hosts, also if other frames showed the move`, () => {
    announce(1);
    topology.place(ASKER, OTHER_PORT + 1);
    expect(ask(2, ASKER, OTHER_PORT + 1)).toBe(PASS);
    expect(ask(3, ASKER, OTHER_PORT + 1)).toBe(SPARED);
    // The asker was at another port, sent no ARP or ND there, and came back.
    topology.place(ASKER, ASKER_PORT);
    topology.place(ASKER, OTHER_PORT + 1);
    expect(ask(4, ASKER, OTHER_PORT + 1)).toBe(PASS);
    expect(ask(5, ASKER, OTHER_PORT + 1)).toBe(SPARED);
  });

  test(`--arp ${mode}: a request reaches all hosts if a static entry of the FDB has the MAC on another port`, () => {
    announce(1);
    topology.place(ASKER, OTHER_PORT);
    for (const nowMs of [2, 3]) expect(ask(nowMs)).toBe(PASS);
  });

  test(`--arp ${mode}: a request reaches all hosts after a port came up`, () => {
    announce(1);
    topology.comeUp();
    expect(ask(2)).toBe(PASS);
    expect(ask(3)).toBe(SPARED);
  });

  test(`--arp ${mode}: a request reaches all hosts after a probe for the address of the asker`, () => {
    announce(1);
    expect(receive(family.probe(OTHER, askerIp), OTHER_PORT, 2)).toBe(PASS);
    expect(ask(3)).toBe(PASS);
    expect(ask(4)).toBe(SPARED);
  });

  test(`--arp ${mode}: a request reaches all hosts if another host uses the address, too`, () => {
    announce(1);
    receive(family.announcement(OTHER, askerIp), OTHER_PORT, 2);
    announce(3);
    for (const nowMs of [4, 5]) expect(ask(nowMs)).toBe(PASS);
  });

  test(`--arp ${mode}: a static binding does not count as an announcement`, () => {
    const { hi16, lo32 } = wordsOf(ASKER);
    const { neighbours } = room;
    neighbours.addStatic(keyOf(askerIp), 0, hi16, lo32, ANY_PORT);
    expect(ask(1)).toBe(PASS);
    expect(ask(2)).toBe(SPARED);
    neighbours.addStatic(keyOf(askerIp), 0, hi16, lo32, OTHER_PORT);
    expect(ask(3)).toBe(PASS);
  });

  test(`--arp ${mode}: a port with neigh-suppress=off gets a copy of every request`, () => {
    announce(1);
    topology.listen(ASKER_PORT, OWNER_PORT, OTHER_PORT, OTHER_PORT + 1);
    topology.isolate(OTHER_PORT + 1);
    expect(ask(2)).toBe(SPARED);
    const request = family.request(ASKER, askerIp, ownerIp);
    const copies = harness.takeSent().filter(({ hex }) => hex === request);
    const ports = mode === 'direct' ? [OTHER_PORT] : [OWNER_PORT, OTHER_PORT];
    expect(copies.map(({ port }) => port)).toEqual(ports);
  });
});
