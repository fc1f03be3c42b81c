/** Groups of a switch that snoops, when the spanning tree changes the paths through the network. */

import { describe, expect, test } from '@jest/globals';
import { data, join, query } from '../../support/group-frames';
import { GroupLab } from '../../support/group-lab';

const GROUP = '239.1.1.1';
const QUERIER = '192.0.2.1';
const [LINK, OTHER_LINK, HOST, QUIET_HOST] = [0, 1, 2, 3];

/** A BPDU of a better root: of a designated port that forwards, with or without a topology change. */
function bpdu(stp: 'rstp' | 'stp', isChange: boolean): Uint8Array {
  const root = '1000020000000001';
  const [flags, version] = stp === 'rstp' ? [0x3c, '0202'] : [0, '0000'];
  const byte = (flags + (isChange ? 1 : 0)).toString(16).padStart(2, '0');
  const times = '0000060001000400';
  const body = `0000${version}${byte}${root}00000000${root}8001${times}${stp === 'rstp' ? '00' : ''}`;
  const length = (3 + body.length / 2).toString(16).padStart(4, '0');
  const hex = `0180c2000000020000000001${length}424203${body}`;
  return Buffer.from(hex.padEnd(120, '0'), 'hex');
}

/** A switch with two links to the root, of which the second is blocked, and ports of hosts. */
class Ring extends GroupLab {
  constructor(
    private readonly stp: 'rstp' | 'stp',
    settings: { mcastQuerier?: boolean } = {},
  ) {
    super(4, settings);
    for (const port of [HOST, QUIET_HOST]) this.bridge.configurePort(port, { stpEdge: 'on' });
    this.bridge.configure({ stp, stpForwardDelay: 4, stpMaxAge: 6, stpHello: 1 });
    this.stay(20);
  }

  /** Lets seconds pass, in which the root sends BPDUs on all links that are up. */
  stay(seconds: number, isChange = false): void {
    for (let second = 0; second < seconds; second++) {
      for (const port of [LINK, OTHER_LINK]) this.send(port, bpdu(this.stp, isChange));
      this.io.advance(1_000);
    }
    this.take();
  }

  /** Cuts the link. The other link becomes the path to the root. */
  cut(): void {
    this.port(LINK).setUp(false);
    this.stay(1, true);
    const state = this.bridge.portStates().get(OTHER_LINK);
    if (state !== 'forwarding') throw new Error(`the other link is ${state}`);
  }

  /** Ports that get a frame from the host to the group. */
  get heard(): number[] {
    return this.takers(HOST, data(GROUP, '192.0.2.9'));
  }
}

describe('when a link is cut and another is used', () => {
  test('groups are flooded until the querier has asked and hosts have answered', () => {
    const ring = new Ring('rstp');
    ring.send(QUIET_HOST, query({ source: QUERIER }));
    ring.send(LINK, join(GROUP));
    expect(ring.rows()).toHaveLength(1);
    ring.stay(11);
    expect(ring.heard).toEqual([LINK, QUIET_HOST]);
    ring.cut();
    expect(ring.rows()).toEqual([]);
    ring.stay(30);
    expect(ring.heard).toEqual([OTHER_LINK, QUIET_HOST]);
    ring.send(QUIET_HOST, query({ source: QUERIER }));
    ring.stay(11);
    expect(ring.heard).toEqual([QUIET_HOST]);
    ring.send(OTHER_LINK, join(GROUP));
    expect(ring.heard).toEqual([OTHER_LINK, QUIET_HOST]);
  });

  test('reports are flooded if the querier was behind it', () => {
    const ring = new Ring('rstp');
    ring.send(LINK, query({ source: QUERIER }));
    ring.stay(11);
    expect(ring.takers(HOST, join(GROUP))).toEqual([LINK]);
    ring.cut();
    expect(ring.takers(HOST, join(GROUP))).toEqual([OTHER_LINK, QUIET_HOST]);
  });

  test('the switch asks at once if it is the querier', () => {
    const ring = new Ring('rstp', { mcastQuerier: true });
    ring.send(LINK, join(GROUP));
    expect(ring.heard).toEqual([LINK]);
    ring.port(LINK).setUp(false);
    for (let second = 0; second < 2; second++) {
      ring.port(OTHER_LINK).send(bpdu('rstp', true));
      ring.io.advance(1_000);
    }
    expect(ring.queries(OTHER_LINK).general).toBeGreaterThan(0);
    expect(ring.heard).toEqual([OTHER_LINK, QUIET_HOST]);
    ring.stay(11);
    expect(ring.heard).toEqual([]);
  });
});

test('a topology change in a BPDU of RSTP removes the groups of the other ports', () => {
  const ring = new Ring('rstp');
  ring.bridge.configurePort(HOST, { stpEdge: 'off' });
  ring.stay(20);
  ring.send(QUIET_HOST, query({ source: QUERIER }));
  ring.send(HOST, join(GROUP));
  ring.send(LINK, join(GROUP));
  ring.send(QUIET_HOST, join(GROUP));
  ring.stay(11);
  ring.stay(1, true);
  // The port that received the BPDU keeps its groups, and so does an edge port.
  expect(ring.rows().map(({ port }) => port)).toEqual([LINK, QUIET_HOST]);
});

test('after a topology change in a BPDU of STP, groups end within the forward delay', () => {
  const ring = new Ring('stp');
  ring.send(QUIET_HOST, query({ source: QUERIER }));
  ring.send(LINK, join(GROUP));
  ring.stay(11);
  expect(ring.rows()).toHaveLength(1);
  ring.stay(6, true);
  expect(ring.rows()).toEqual([]);
  expect(ring.heard).toEqual([LINK, QUIET_HOST]);
});

test('a host that goes down is no topology change, and the table stays in use', () => {
  const ring = new Ring('rstp');
  ring.send(LINK, query({ source: QUERIER }));
  ring.stay(11);
  expect(ring.heard).toEqual([LINK]);
  ring.port(QUIET_HOST).setUp(false);
  ring.stay(2);
  ring.port(QUIET_HOST).setUp(true);
  ring.stay(2);
  expect(ring.heard).toEqual([LINK]);
});
