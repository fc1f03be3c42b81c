/**
 * Conditions for an answer of the switch for a known host: the rules of `--arp answer`, `direct` and `off` that
 * ARP and ND share, each broken once. Rules of one protocol are in the folder of that protocol.
 */

import { beforeEach, describe, expect, test } from '@jest/globals';
import { PASS } from '../../../src/frame/verdict';
import { ResolutionCounter } from '../../../src/hosts/counters';
import { ARP, ND } from '../../support/address-family';
import { printed } from '../../support/ethernet';
import {
  ASKER,
  ASKER_PORT,
  OTHER,
  OTHER_PORT,
  OWNER,
  OWNER_PORT,
  ResolutionLab,
  expectAnswered,
  expectFlooded,
} from '../../support/resolution-lab';

describe.each([ARP, ND])('$name', (family) => {
  const { askerIp, ownerIp, otherIp } = family;
  let lab: ResolutionLab;

  beforeEach(() => {
    lab = new ResolutionLab(family);
  });

  describe('--arp answer', () => {
    test('a request for a known host is answered with its MAC, and not flooded', () => {
      expectAnswered(lab, lab.ask());
      expect(lab.counters.of(ResolutionCounter.AnsweredForHost)).toBe(1);
    });

    test.each<[string, string]>([
      ['a probe', family.probe(ASKER, ownerIp)],
      ['a request for the asker itself', family.request(ASKER, askerIp, askerIp)],
      ['a request for an unknown host', family.request(ASKER, askerIp, otherIp)],
      ['a request of a virtual router', family.request(family.virtualMac, askerIp, ownerIp)],
      ['a reply', family.reply(ASKER, askerIp, OWNER, ownerIp)],
    ])('%s is always forwarded', (_, frame) => {
      expectFlooded(lab, lab.receive(frame, ASKER_PORT, 10));
    });

    test('a request from the owner itself, with another address, is always forwarded', () => {
      expectFlooded(lab, lab.receive(family.request(OWNER, otherIp, ownerIp), ASKER_PORT, 10));
    });

    test('the switch does not answer for a host that was heard too long ago', () => {
      expectAnswered(lab, lab.ask(59_999));
      expectFlooded(lab, lab.ask(60_000));
    });

    test('the switch does not answer for a host that is not in the FDB', () => {
      lab.topology.forget(OWNER);
      expectFlooded(lab, lab.ask());
    });

    test('the switch does not answer for a host that the FDB has on another port', () => {
      lab.topology.place(OWNER, OTHER_PORT);
      expectFlooded(lab, lab.ask());
    });

    test('the switch does not answer for a host on the port of the asker', () => {
      lab.topology.place(OWNER, ASKER_PORT);
      lab.announce(OWNER, ASKER_PORT, 0);
      expectFlooded(lab, lab.ask());
    });

    test.each([ASKER_PORT, OWNER_PORT])('a host that port %i is isolated from is not', (port) => {
      lab.topology.isolate(port);
      expectFlooded(lab, lab.ask());
    });

    test('the switch does not answer for a virtual router', () => {
      lab.topology.place(family.virtualMac, OWNER_PORT);
      lab.announce(family.virtualMac, OWNER_PORT, 5);
      expectFlooded(lab, lab.ask());
      expect(lab.room.neighbours.count).toBe(1);
      expect(lab.room.neighbours.list(5).map(({ mac }) => mac)).not.toContain(
        printed(family.virtualMac),
      );
    });

    test('the switch does not answer for a host that restarts, until the host is heard again', () => {
      lab.receive(family.probe(OWNER, ownerIp), OWNER_PORT, 5);
      expectFlooded(lab, lab.ask());
      lab.announce(OWNER, OWNER_PORT, 11);
      expectAnswered(lab, lab.ask(12));
    });

    test('the switch answers at once for a host that moved to a new port', () => {
      lab.topology.place(OWNER, OTHER_PORT);
      lab.announce(OWNER, OTHER_PORT, 5);
      expectAnswered(lab, lab.ask());
      lab.topology.isolate(OTHER_PORT);
      expectFlooded(lab, lab.ask());
    });

    test('the switch does not answer for a host whose port went down', () => {
      lab.room.portChanged(OWNER_PORT, false);
      expectFlooded(lab, lab.ask());
    });

    test('the switch still answers for a host when another port goes down, or its own comes up', () => {
      lab.room.portChanged(OTHER_PORT, false);
      lab.room.portChanged(OWNER_PORT, true);
      expectAnswered(lab, lab.ask());
    });

    test('the switch answers for a new owner when the former one is silent', () => {
      lab.topology.place(OTHER, OTHER_PORT);
      lab.announce(OTHER, OTHER_PORT, 5);
      expectFlooded(lab, lab.ask());
      const polls = lab.run(10, 3_000).filter(({ port }) => port === OWNER_PORT);
      const hex = family.poll(OWNER, ownerIp);
      expect(polls).toEqual(new Array(3).fill({ port: OWNER_PORT, hex }));
      expectAnswered(lab, lab.ask(3_000), OTHER);
      expect(lab.doubts()).toEqual(['neighbour-changed']);
      expect(lab.counters.of(ResolutionCounter.HostChanged)).toBe(1);
    });

    test('the switch answers for neither of two stations that hold one address', () => {
      lab.topology.place(OTHER, OTHER_PORT);
      lab.announce(OTHER, OTHER_PORT, 5);
      lab.announce(OWNER, OWNER_PORT, 6);
      expect(lab.doubts()).toEqual(['neighbour-changed', 'neighbour-conflict']);
      expect(lab.counters.of(ResolutionCounter.HostConflict)).toBe(1);
      expectFlooded(lab, lab.ask());
    });
  });

  describe('--arp direct', () => {
    beforeEach(() => {
      lab.room.hosts.setRules('direct');
    });

    test('a request for a known host goes to its port alone', () => {
      expect(lab.ask()).toBe(OWNER_PORT);
      expect(lab.harness.takeSent()).toEqual([]);
      expect(lab.counters.of(ResolutionCounter.Directed)).toBe(1);
    });

    test.each<[string, string]>([
      ['a probe', family.probe(ASKER, ownerIp)],
      ['a request for an unknown host', family.request(ASKER, askerIp, otherIp)],
    ])('%s is flooded', (_, frame) => {
      expectFlooded(lab, lab.receive(frame, ASKER_PORT, 10));
    });
  });

  describe('--arp off', () => {
    beforeEach(() => {
      lab.room.hosts.setRules('off');
    });

    test('a request for a known host is flooded', () => {
      expectFlooded(lab, lab.ask());
    });

    test('hosts are still known, and are not polled', () => {
      expect(lab.announce(OWNER, OWNER_PORT, 10)).toBe(PASS);
      expect(lab.run(0, 50_000)).toEqual([]);
      expect(lab.room.neighbours.list(50_000)).toHaveLength(2);
    });
  });
});
