/** Rules for known hosts that only ND has. `hosts/known-hosts.test.ts` tests the rules that ARP and ND share. */

import { beforeEach, describe, expect, test } from '@jest/globals';
import { CONSUMED } from '../../../src/frame/verdict';
import { NdCounter } from '../../../src/nd/counters';
import type { Nd } from '../../../src/nd/nd';
import { ANY_PORT } from '../../../src/hosts/binding-table';
import { printed } from '../../support/ethernet';
import {
  advertisement,
  icmpv6Frame,
  ipHex,
  ipv6Probe,
  solicitation,
} from '../../support/ip-frames';
import type { CountingSink, RoomHarness } from '../../support/room-harness';
import { ND } from '../../support/address-family';
import {
  ASKER,
  ASKER_PORT,
  OTHER,
  OTHER_PORT,
  OWNER,
  OWNER_PORT,
  ResolutionLab,
  expectFlooded as expectFloodedIn,
} from '../../support/resolution-lab';
import { SWITCH, keyOf, wordsOf } from '../../support/rooms';
import type { TestTopology } from '../../support/topology';

const SWITCH_LINK_LOCAL = 'fe80::ff:fe00:99';

const ASKER_IP = '2001:db8::1';
const OWNER_IP = '2001:db8::2';
const OWNER_LINK_LOCAL = 'fe80::2';
const OTHER_IP = '2001:db8::3';

const QUESTION = { mac: ASKER, source: ASKER_IP, target: OWNER_IP };
const OWNER_SPEAKS = advertisement({ mac: OWNER, target: OWNER_IP, flags: '20' });

const ASKER_SPEAKS = advertisement({ mac: ASKER, target: ASKER_IP, flags: '20' });

/** Advertisement that the switch sends in the owner's name. */
function answerWith(flags: string, mac = OWNER): string {
  return advertisement({ mac, target: OWNER_IP, flags, to: ASKER, destination: ASKER_IP });
}

let lab: ResolutionLab;
let topology: TestTopology;
let harness: RoomHarness;
let counters: CountingSink;
let room: Nd;

beforeEach(() => {
  lab = new ResolutionLab(ND);
  ({ counters, harness, topology } = lab);
  room = lab.room as Nd;
});

function receive(frame: string, port: number, nowMs: number): number {
  return lab.receive(frame, port, nowMs);
}

function ask(fields: Partial<Parameters<typeof solicitation>[0]> = {}, nowMs = 10): number {
  return receive(solicitation({ ...QUESTION, ...fields }), ASKER_PORT, nowMs);
}

function tickTo(endMs: number): { port: number; hex: string }[] {
  return lab.run(0, endMs);
}

function bound(): string[] {
  const others = room.neighbours.list(0).filter(({ port }) => port !== ASKER_PORT);
  return others.map(({ address, mac }) => `${address} ${mac}`);
}

function expectAnswered(verdict: number, flags = '40'): void {
  expect(verdict).toBe(CONSUMED);
  expect(harness.takeSent()).toEqual([{ port: ASKER_PORT, hex: answerWith(flags) }]);
}

function expectFlooded(verdict: number): void {
  expectFloodedIn(lab, verdict);
}

function routerAdvertisement(mac: string, source: string): string {
  return icmpv6Frame({
    to: '333300000001',
    from: mac,
    source,
    destination: 'ff02::1',
    typeAndCode: '8600',
    body: `40000708 00000000 00000000 0101${mac}`,
  });
}

describe('--arp answer', () => {
  test("a solicitation for a known host is answered without 'override', and not flooded", () => {
    expectAnswered(ask());
    expect(counters.of(NdCounter.AnsweredForHost)).toBe(1);
  });

  test("the answer carries the host's own router flag", () => {
    receive(advertisement({ mac: OWNER, target: OWNER_IP, flags: 'a0' }), OWNER_PORT, 1);
    expectAnswered(ask(), 'c0');
    receive(OWNER_SPEAKS, OWNER_PORT, 2);
    expectAnswered(ask(), '40');
  });

  test('a host that advertises routes is a router', () => {
    receive(routerAdvertisement(OWNER, OWNER_LINK_LOCAL), OWNER_PORT, 1);
    expect(ask({ target: OWNER_LINK_LOCAL })).toBe(CONSUMED);
    expect(harness.takeSent()[0]?.hex).toContain(`c0000000${ipHex(OWNER_LINK_LOCAL)}`);
  });

  test.each<[string, Partial<Parameters<typeof solicitation>[0]>]>([
    ['a unicast solicitation', { to: OWNER, destination: OWNER_IP }],
    ['one without the MAC of the asker', { options: '' }],
    ['an invalid one', { hopLimit: '40' }],
    ["one with another's MAC", { options: `0101${OTHER}` }],
  ])('%s is always forwarded', (_, fields) => {
    expectFlooded(ask(fields));
  });

  test('after a probe for the address of a host, the switch does not answer for the host until it defends the address', () => {
    receive(ipv6Probe(OTHER, OWNER_IP), OTHER_PORT, 5);
    expectFlooded(ask());
    receive(advertisement({ mac: OWNER, target: OWNER_IP, flags: '20' }), OWNER_PORT, 11);
    expectAnswered(ask({}, 12));
  });
});

describe('the messages that bind a host', () => {
  beforeEach(() => {
    room.neighbours.flush(OWNER_PORT);
  });

  test.each([
    ['its advertisement', OWNER_SPEAKS],
    [
      'one without option',
      advertisement({ mac: OWNER, target: OWNER_IP, flags: '20', options: '' }),
    ],
    ['its solicitation', solicitation({ mac: OWNER, source: OWNER_IP, target: OTHER_IP })],
    [
      'its router solicitation',
      icmpv6Frame({
        to: '333300000002',
        from: OWNER,
        source: OWNER_IP,
        destination: 'ff02::2',
        typeAndCode: '8500',
        body: `00000000 0101${OWNER}`,
      }),
    ],
  ])('%s', (_, frame) => {
    receive(frame, OWNER_PORT, 0);
    expect(bound()).toEqual([`${OWNER_IP} ${printed(OWNER)}`]);
  });

  test.each([
    ['a probe', ipv6Probe(OWNER, OWNER_IP)],
    [
      'a solicitation without its MAC',
      solicitation({ mac: OWNER, source: OWNER_IP, target: OTHER_IP, options: '' }),
    ],
    [
      'an advertisement that does not override',
      advertisement({ mac: OWNER, target: OWNER_IP, flags: '00' }),
    ],
    [
      'an advertisement of an odd address',
      advertisement({ mac: OWNER, target: '::1', flags: '20', source: OWNER_IP }),
    ],
    [
      "an advertisement with another's MAC",
      advertisement({ mac: OWNER, target: OWNER_IP, flags: '20', options: `0201${OTHER}` }),
    ],
  ])('%s is not enough', (_, frame) => {
    receive(frame, OWNER_PORT, 0);
    expect(bound()).toEqual([]);
  });

  test('an advertisement without the override flag refreshes a binding, and changes nothing', () => {
    receive(OWNER_SPEAKS, OWNER_PORT, 0);
    receive(
      advertisement({ mac: OWNER, target: OWNER_IP, flags: '40', destination: ASKER_IP }),
      OWNER_PORT,
      50_000,
    );
    receive(
      advertisement({ mac: OTHER, target: OWNER_IP, flags: '40', destination: ASKER_IP }),
      OTHER_PORT,
      50_000,
    );
    expect(bound()).toEqual([`${OWNER_IP} ${printed(OWNER)}`]);
    receive(ASKER_SPEAKS, ASKER_PORT, 99_999);
    expectAnswered(ask({}, 100_000));
  });

  test('a host of unknown router flag gets a poll, and the switch does not answer for it', () => {
    receive(solicitation({ mac: OWNER, source: OWNER_IP, target: OTHER_IP }), OWNER_PORT, 0);
    expectFlooded(ask());
    const polls = tickTo(600).filter(({ port }) => port === OWNER_PORT);
    expect(polls.map(({ hex }) => hex)).toEqual([
      solicitation({
        mac: SWITCH,
        source: SWITCH_LINK_LOCAL,
        target: OWNER_IP,
        to: OWNER,
        destination: OWNER_IP,
      }),
    ]);
    const answer = { mac: OWNER, target: OWNER_IP, flags: '60', to: SWITCH };
    receive(advertisement({ ...answer, destination: SWITCH_LINK_LOCAL }), OWNER_PORT, 601);
    expectAnswered(ask({}, 602));
  });
});

describe('polls', () => {
  test('have the link-local address as source, which the switch claims for them', () => {
    const sent = tickTo(26_500);
    const group = solicitation({
      mac: SWITCH,
      source: '::',
      target: SWITCH_LINK_LOCAL,
      options: '',
    });
    expect(sent.filter(({ hex }) => hex === group)).toHaveLength(3);
    expect(sent.filter(({ port }) => port === OWNER_PORT)).toHaveLength(3);
    expectFlooded(ask({}, 26_500));
  });

  test('without hosts the switch claims nothing', () => {
    room.neighbours.flush();
    expect(tickTo(100_000)).toEqual([]);
  });
});

describe('static bindings', () => {
  test('are answered as soon as the host has said whether it is a router', () => {
    const { hi16, lo32 } = wordsOf(OTHER);
    const key = keyOf(OTHER_IP);
    room.neighbours.addStatic(key, 0, hi16, lo32, ANY_PORT);
    topology.place(OTHER, OTHER_PORT);
    expectFlooded(ask({ target: OTHER_IP }));
    receive(advertisement({ mac: OTHER, target: OTHER_IP, flags: '20' }), OTHER_PORT, 11);
    receive(ASKER_SPEAKS, ASKER_PORT, 1e9);
    expect(ask({ target: OTHER_IP }, 1e9)).toBe(CONSUMED);
  });
});

test('--arp off: a host of unknown router flag gets no poll', () => {
  room.hosts.setRules('off');
  receive(solicitation({ mac: OTHER, source: OTHER_IP, target: OWNER_IP }), OTHER_PORT, 11);
  expect(tickTo(50_000)).toEqual([]);
});
