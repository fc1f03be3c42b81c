/** A trace says why a request is flooded: each reason once, for ARP and for Neighbor Discovery. */

import { describe, expect, test } from '@jest/globals';
import type { Arp } from '../../../src/arp/arp';
import { PASS } from '../../../src/frame/verdict';
import type { AnswerMode } from '../../../src/hosts/known-hosts';
import { MISSES, Miss } from '../../../src/hosts/miss';
import type { Nd } from '../../../src/nd/nd';
import { ARP, ND } from '../../support/address-family';
import type { AddressFamily } from '../../support/address-family';
import { printed, station } from '../../support/ethernet';
import { arpFrame, solicitation } from '../../support/ip-frames';
import { RoomHarness } from '../../support/room-harness';
import { makeRoom } from '../../support/rooms';
import { TestTopology } from '../../support/topology';

const ASKER = station(1);
const OWNER = station(2);
const OTHER = station(3);
const NEW_MAC = station(4);
const VIRTUAL = '00005e000107';

const ASKER_PORT = 1;
const OWNER_PORT = 2;
const OTHER_PORT = 3;

const LIFE_MS = 60_000;

/** A room with bindings of the owner and of the asker, whose announcement was flooded. */
class Lab {
  readonly topology = new TestTopology();
  private readonly harness = new RoomHarness();
  private readonly steps: string[] = [];
  private readonly room: Arp | Nd;
  nowMs = 0;

  constructor(
    readonly family: AddressFamily,
    mode: AnswerMode,
  ) {
    this.topology.place(OWNER, OWNER_PORT);
    this.topology.place(OTHER, OTHER_PORT);
    this.topology.place(ASKER, ASKER_PORT);
    this.room = makeRoom(family, { topology: this.topology, mode });
    this.announce(OWNER, family.ownerIp, OWNER_PORT);
    this.announce(ASKER, family.askerIp, ASKER_PORT);
    this.harness.reporter = {
      step: (sentence) => this.steps.push(sentence),
      egress: () => undefined,
      drop: () => undefined,
      label: (port) => `tap${port}`,
    };
  }

  receive(frame: string, port: number): number {
    const index = this.harness.receive(frame, port);
    return this.room.receive(index, this.harness.at(this.nowMs));
  }

  announce(mac: string, ip: string, port: number): void {
    this.receive(this.family.announcement(mac, ip), port);
    this.steps.length = 0;
  }

  request(mac: string, from: string, to: string, port: number): void {
    this.receive(this.family.request(mac, from, to), port);
    this.steps.length = 0;
  }

  /** Sets a port down, which ends its bindings. */
  flush(port: number): void {
    this.room.neighbours.flush(port);
  }

  takeSteps(): string[] {
    return this.steps.splice(0);
  }
}

type Sender = 'asker' | 'owner' | 'other' | 'new' | 'virtual';
const MACS: Record<Sender, string> = {
  asker: ASKER,
  owner: OWNER,
  other: OTHER,
  new: NEW_MAC,
  virtual: VIRTUAL,
};

interface Situation {
  /** Families of the case; both unless given. */
  readonly only?: AddressFamily;
  readonly mode?: AnswerMode;
  arrange?(lab: Lab): void;
  readonly from?: Sender;
  /** Sender MAC; the asker's unless given. */
  readonly fromIp?: 'otherIp';
  /** Target address; the owner's unless given. */
  readonly toIp?: 'otherIp' | 'askerIp';
  /** Ingress port; the asker's unless given. */
  readonly port?: number;
  /** Frame in place of a request. */
  frame?(family: AddressFamily): string;
  /** Text behind the outcome in the trace. */
  readonly reason: string;
}

/** Reasons for which the frame is not a request that the switch may answer. */
const FORWARDED: ReadonlySet<string> = new Set([
  'ModeOff',
  'NotARequest',
  'Unicast',
  'Probe',
  'Announcement',
  'NoSenderMac',
  'VirtualRouter',
]);

const SITUATIONS: Record<Exclude<keyof typeof Miss, 'None'>, Situation> = {
  Unknown: {
    toIp: 'otherIp',
    reason: 'unknown: The switch has heard no host use that address.',
  },
  Stale: {
    arrange(lab) {
      lab.nowMs = LIFE_MS;
      lab.announce(ASKER, lab.family.askerIp, ASKER_PORT);
    },
    reason: 'stale: The host that uses that address was silent for too long.',
  },
  Contested: {
    arrange: (lab) => lab.announce(OTHER, lab.family.ownerIp, OTHER_PORT),
    reason:
      'contested: Another MAC than before uses that address, and the switch polls the former owner.',
  },
  Conflict: {
    arrange(lab) {
      lab.announce(OTHER, lab.family.ownerIp, OTHER_PORT);
      lab.announce(OWNER, lab.family.ownerIp, OWNER_PORT);
    },
    reason: 'conflict: Two stations use that address.',
  },
  AskerIsOwner: {
    arrange: (lab) => lab.announce(ASKER, lab.family.otherIp, ASKER_PORT),
    toIp: 'otherIp',
    reason: 'asker-is-owner: The asker uses that address itself.',
  },
  NotInFdb: {
    arrange: (lab) => lab.topology.forget(OWNER),
    reason: 'not-in-fdb: The MAC of the host is not in the forwarding database.',
  },
  Moved: {
    arrange: (lab) => lab.topology.place(OWNER, OTHER_PORT),
    reason:
      'moved: The forwarding database has the MAC of the host on another port than its binding.',
  },
  SamePort: {
    arrange(lab) {
      lab.topology.place(OWNER, ASKER_PORT);
      lab.announce(OWNER, lab.family.ownerIp, ASKER_PORT);
    },
    reason: 'same-port: The host is behind the port of the asker, and hears the request anyway.',
  },
  PortDown: {
    arrange: (lab) => lab.topology.isolate(OWNER_PORT),
    reason: 'port-down: The port of the host, or of the asker, does not forward.',
  },
  RouterUnknown: {
    only: ND,
    arrange: (lab) => lab.request(OTHER, lab.family.otherIp, lab.family.ownerIp, OTHER_PORT),
    toIp: 'otherIp',
    reason: 'router-unknown: The host has not said yet whether it is a router.',
  },
  AskerUnknown: {
    from: 'other',
    fromIp: 'otherIp',
    port: OTHER_PORT,
    reason:
      'asker-unknown: The asker is new here, or was forgotten: other hosts may have another MAC for it.',
  },
  AskerContested: {
    arrange: (lab) => lab.announce(OTHER, lab.family.askerIp, OTHER_PORT),
    reason: 'asker-contested: Another station uses the address of the asker, too.',
  },
  AskerElsewhere: {
    arrange: (lab) => lab.topology.place(ASKER, OTHER_PORT),
    reason:
      'asker-elsewhere: A binding or the forwarding database has another port or MAC for the asker.',
  },
  AskerNotInFdb: {
    arrange: (lab) => lab.topology.forget(ASKER),
    reason: 'asker-not-in-fdb: The MAC of the asker is not in the forwarding database.',
  },
  AskerUnannounced: {
    arrange(lab) {
      lab.nowMs = LIFE_MS - 1;
      lab.announce(OWNER, lab.family.ownerIp, OWNER_PORT);
      lab.nowMs = LIFE_MS;
    },
    reason:
      'asker-unannounced: The asker was silent for long, moved or came back, and has not announced it to all yet.',
  },
  AskerMoved: {
    arrange(lab) {
      lab.topology.place(ASKER, OTHER_PORT);
      lab.topology.place(ASKER, ASKER_PORT);
    },
    reason:
      'asker-moved: The MAC of the asker was learned anew or moved since a frame of the asker was flooded.',
  },
  AskerChanged: {
    arrange(lab) {
      lab.flush(ASKER_PORT);
      lab.topology.place(NEW_MAC, OTHER_PORT);
    },
    from: 'new',
    port: OTHER_PORT,
    reason:
      'asker-changed: Another MAC used the address of the asker before, and hosts may still have that MAC.',
  },
  PortCameUp: {
    arrange: (lab) => lab.topology.comeUp(),
    reason:
      'port-came-up: A port came up since a frame of the asker was flooded, and its hosts do not know the asker.',
  },
  ModeOff: { mode: 'off', reason: 'mode-off: The switch answers for no host (--arp off).' },
  NotARequest: {
    frame: (family) => family.reply(OWNER, family.ownerIp, ASKER, family.askerIp),
    port: OWNER_PORT,
    reason: 'not-a-request: The frame is not a request for an address.',
  },
  Unicast: {
    frame: (family) =>
      family === ARP
        ? arpFrame({
            to: OWNER,
            senderMac: ASKER,
            senderIp: family.askerIp,
            targetIp: family.ownerIp,
          })
        : solicitation({
            to: OWNER,
            destination: family.ownerIp,
            mac: ASKER,
            source: family.askerIp,
            target: family.ownerIp,
          }),
    reason: 'unicast: The request goes to one station, which must answer itself.',
  },
  Probe: {
    frame: (family) => family.probe(ASKER, family.otherIp),
    reason: 'probe: The sender has no address yet: all hosts must hear which address it wants.',
  },
  Announcement: {
    toIp: 'askerIp',
    reason: 'announcement: The sender asks for its own address, to announce it to all hosts.',
  },
  NoSenderMac: {
    only: ND,
    frame: ({ askerIp, ownerIp }) =>
      solicitation({ mac: ASKER, source: askerIp, target: ownerIp, options: '' }),
    reason: 'no-sender-mac: The frame does not name a MAC at which its sender can be reached.',
  },
  VirtualRouter: {
    from: 'virtual',
    fromIp: 'otherIp',
    port: OTHER_PORT,
    reason:
      'virtual-router: The sender is a virtual router (VRRP, CARP), which may move at any time.',
  },
};

describe.each([ARP, ND])('$name', (family) => {
  const cases = Object.entries(SITUATIONS).filter(([, { only }]) => (only ?? family) === family);

  test.each(cases)('%s', (name, situation) => {
    const { mode = 'answer', from = 'asker', port = ASKER_PORT } = situation;
    const lab = new Lab(family, mode);
    situation.arrange?.(lab);
    const fromIp = family[situation.fromIp ?? 'askerIp'];
    const toIp = family[situation.toIp ?? 'ownerIp'];
    const frame = situation.frame?.(family) ?? family.request(MACS[from], fromIp, toIp);
    expect(lab.receive(frame, port)).toBe(PASS);
    const outcome = FORWARDED.has(name)
      ? `${family.name} is forwarded like any other frame`
      : `the request of ${fromIp} for ${toIp} is flooded`;
    expect(lab.takeSteps()).toEqual([`${outcome}, ${situation.reason}`]);
  });

  describe('if all conditions hold', () => {
    const request = family.request(ASKER, family.askerIp, family.ownerIp);
    const known = `${family.ownerIp} is ${printed(OWNER)} on tap2, and all hosts know the asker`;

    test.each([
      ['answer', 'the switch answers for the host, and floods nothing'],
      ['direct', 'the request goes to tap2 alone'],
    ] as const)('--arp %s', (mode, outcome) => {
      const lab = new Lab(family, mode);
      expect(lab.receive(request, ASKER_PORT)).not.toBe(PASS);
      expect(lab.takeSteps()).toEqual([known, outcome]);
    });

    test('a port that hears every request is named', () => {
      const lab = new Lab(family, 'answer');
      lab.topology.listen(OTHER_PORT);
      expect(lab.receive(request, ASKER_PORT)).not.toBe(PASS);
      expect(lab.takeSteps().at(-1)).toBe('tap3 hears every request');
    });
  });
});

test('every reason has a name and a meaning', () => {
  expect(MISSES).toHaveLength(Object.keys(Miss).length);
  expect(new Set(MISSES.map(({ name }) => name)).size).toBe(MISSES.length);
});
