/**
 * A room of ARP or ND that knows two hosts: the owner of an address, and an asker, of which all have
 * heard. What the room sends is kept, and what happens to a request is one question.
 */

import { expect } from '@jest/globals';
import type { Arp } from '../../src/arp/arp';
import { CONSUMED, PASS } from '../../src/frame/verdict';
import type { HostNews } from '../../src/hosts/news';
import type { Nd } from '../../src/nd/nd';
import type { AddressFamily } from './address-family';
import { station } from './ethernet';
import { CountingSink, RoomHarness, type Sent } from './room-harness';
import { makeRoom } from './rooms';
import { TestTopology } from './topology';

export const ASKER = station(1);
export const OWNER = station(2);
export const OTHER = station(3);

export const ASKER_PORT = 1;
export const OWNER_PORT = 2;
export const OTHER_PORT = 3;

export class ResolutionLab {
  readonly harness = new RoomHarness();
  readonly topology = new TestTopology();
  readonly counters = new CountingSink();
  readonly news: HostNews[] = [];
  readonly room: Arp | Nd;

  constructor(readonly family: AddressFamily) {
    const { counters, news, topology } = this;
    topology.place(OWNER, OWNER_PORT);
    topology.place(ASKER, ASKER_PORT);
    this.room = makeRoom(family, { counters, news, topology, mode: 'answer' });
    this.announce(OWNER, OWNER_PORT, 0);
    this.receive(family.announcement(ASKER, family.askerIp), ASKER_PORT, 0);
  }

  /** @returns the verdict */
  receive(frame: string, port: number, nowMs: number): number {
    return this.room.receive(this.harness.receive(frame, port), this.harness.at(nowMs));
  }

  /** A station tells all that the owner's address is its own. */
  announce(mac: string, port: number, nowMs: number): number {
    return this.receive(this.family.announcement(mac, this.family.ownerIp), port, nowMs);
  }

  /** The asker asks for the owner's address. @returns the verdict */
  ask(nowMs = 10, mac = ASKER): number {
    const { askerIp, ownerIp } = this.family;
    return this.receive(this.family.request(mac, askerIp, ownerIp), ASKER_PORT, nowMs);
  }

  /** Lets time pass. @returns what the room sends */
  run(fromMs: number, toMs: number): Sent[] {
    for (let nowMs = fromMs; nowMs <= toMs; nowMs += 50) this.room.tick(nowMs, this.harness);
    return this.harness.takeSent();
  }

  /** What came into doubt, without the news of own addresses. */
  doubts(): string[] {
    return this.news.map(({ event }) => event).filter((event) => event.startsWith('neighbour-'));
  }
}

/** @param mac of the host in whose name the request is answered */
export function expectAnswered(lab: ResolutionLab, verdict: number, mac = OWNER): void {
  const { ownerIp, askerIp } = lab.family;
  expect(verdict).toBe(CONSUMED);
  const hex = lab.family.answer(mac, ownerIp, ASKER, askerIp);
  expect(lab.harness.takeSent()).toEqual([{ port: ASKER_PORT, hex }]);
}

export function expectFlooded(lab: ResolutionLab, verdict: number): void {
  expect(verdict).toBe(PASS);
  expect(lab.harness.takeSent()).toEqual([]);
}
