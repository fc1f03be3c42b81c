/** A trace reports the decisions of the bridge, because the bridge itself makes them. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import type { Hook, HookSwitch } from '../../../src/hooks/hook';
import { type TracedState, traceFrame } from '../../../src/l2/trace';
import { Bridge } from '../../../src/l2/bridge';
import { MemoryIo } from '../../../src/testing/memory-port';
import { solicitation } from '../../support/ip-frames';
import { fromHex } from '../../support/room-harness';

const OWN_MAC = { hi16: 0x0002, lo32: 0x6400_0000 };
const LABELS = ['tap0', 'tap1', 'tap2'];

const station = (
  mac: string,
  port: number,
  kind: 'learned' | 'static' | 'sticky' | 'locked' = 'learned',
) => ({
  mac,
  vlan: 0,
  port,
  isStatic: kind === 'static',
  isSticky: kind === 'sticky',
  isLocked: kind === 'locked',
  updatedAgoMs: 5_000,
  usedAgoS: 0,
});

const A = '02:00:00:00:00:01';
const B = '02:00:00:00:00:02';
const STRANGER = '02:00:00:00:00:09';
const BROADCAST = 'ff:ff:ff:ff:ff:ff';

function state(change: Partial<TracedState> = {}): TracedState {
  return {
    options: { mac: OWN_MAC, ageingMs: 300_000, reserved: 'br0' },
    ports: LABELS.map((label, id) => ({
      id,
      label,
      mtuBytes: 1500,
      isUp: true,
      takesOffloads: true,
      isTrusted: false,
    })),
    stations: [station(A, 0), station(B, 1)],
    addresses: [{ address: '192.0.2.100' }],
    neighbours: [],
    leases: [],
    ...change,
  };
}

const frame = (to: string, from: string, rest = '88b5'): Uint8Array =>
  fromHex(to + from + rest + '00'.repeat(46));

/** ARP request from A to all for 192.0.2.2, the address of B. */
const REQUEST = fromHex(
  `${BROADCAST}${A}0806 0001 0800 06 04 0001 ${A} c0000201 000000000000 c0000202`.replace(/ /g, ''),
);
const NEIGHBOUR = { address: '192.0.2.2', mac: B, vlan: 0, port: 1, state: 'reachable' } as const;

/** Binding of A, whose announcement was flooded. */
const ASKER = {
  ...NEIGHBOUR,
  address: '192.0.2.1',
  mac: A,
  port: 0,
  isAnnounced: true,
};

describe('a hook that takes the frame', () => {
  const notRun = 'nobody knows its text';
  const hooks = [
    { name: 'off-topic', accepts: () => false, notRun },
    { name: 'firewall', accepts: () => true, notRun },
    { name: 'counter', notRun },
  ];
  const said = (steps: readonly string[]): string[] =>
    steps.filter((step) => step.startsWith('hook '));

  test('is named, and the trace says why its program does not run', () => {
    const { steps, egress } = traceFrame(state({ hooks }), 0, frame(B, A));
    const rest =
      'but does not run: nobody knows its text; from here on, this is the path of a frame that it lets pass';
    expect(said(steps)).toEqual([
      `hook firewall takes it, ${rest}`,
      `hook counter takes it, ${rest}`,
    ]);
    expect(egress).toEqual(['tap1']);
  });

  test.each<[string, Hook, string[], string[]]>([
    ['drops', { frame: () => 'drop' }, ['hook own drops it'], []],
    ['redirects', { frame: () => ({ to: 'tap2' }) }, ['hook own gives it to ports'], ['tap2']],
    [
      'sends',
      {
        setup: (bridge) => bridge.send(frame(B, A), { from: 'tap0' }),
        frame(seen) {
          seen.destination = STRANGER;
        },
      },
      ['hook own changes it'],
      ['tap1', 'tap2'],
    ],
    [
      'fails',
      {
        frame: () => {
          throw new Error('too hot');
        },
      },
      ['hook own fails: too hot'],
      ['tap1'],
    ],
  ])('runs as a new one, and %s', (_, hook, steps, ports) => {
    const program = { name: 'own', hook };
    const trace = traceFrame(state({ hooks: [program] }), 0, frame(B, A));
    expect(said(trace.steps)).toEqual(['hook own takes it, and runs as if it were new', ...steps]);
    expect(trace.egress).toEqual(ports);
  });

  test('leaves out the frames that it sends', () => {
    let bridge: HookSwitch | undefined;
    const hook: Hook = {
      setup: (own) => void (bridge = own),
      frame: () => bridge?.send(frame(B, A), { to: ['tap1', 'tap2'] }),
    };
    const trace = traceFrame(state({ hooks: [{ name: 'own', hook }] }), 0, frame(B, A));
    expect(said(trace.steps)).toEqual([
      'hook own takes it, and runs as if it were new',
      'hook own lets it pass',
      'hook own sends frames of its own (1), which this trace leaves out',
    ]);
    expect(trace.egress).toEqual(['tap1']);
  });

  test('does not run if its setup fails', () => {
    const hook: Hook = {
      setup: () => {
        throw new Error('no such list');
      },
      frame: () => 'drop',
    };
    const trace = traceFrame(state({ hooks: [{ name: 'own', hook }] }), 0, frame(B, A));
    expect(said(trace.steps)).toEqual([
      expect.stringContaining('but does not run: setup failed: no such list;'),
    ]);
    expect(trace.egress).toEqual(['tap1']);
  });

  test('is not named for a frame that ends before it', () => {
    const { steps } = traceFrame(state({ hooks }), 0, frame(A, A));
    expect(steps.filter((step) => step.startsWith('hook '))).toEqual([]);
  });
});

describe('a request for a known host', () => {
  test.each([
    ['goes to the host alone', 'direct', ['tap1']],
    ['is flooded', 'off', ['tap1', 'tap2']],
  ] as const)('%s (--arp %s)', (_, arp, egress) => {
    const { options } = state();
    const traced = state({ options: { ...options, arp }, neighbours: [ASKER, NEIGHBOUR] });
    expect(traceFrame(traced, 0, REQUEST).egress).toEqual(egress);
  });

  test('is answered out of its ingress port (--arp answer)', () => {
    const options = { ...state().options, arp: 'answer' as const };
    const neighbours = [ASKER, NEIGHBOUR];
    const { steps, egress } = traceFrame(state({ options, neighbours }), 0, REQUEST);
    expect(steps).toContain('the answer leaves from tap0');
    expect(steps).toContain('the switch answers for the host, and floods nothing');
    expect(egress).toEqual([]);
  });

  test('is answered, and goes to a port that hears every request', () => {
    const ports = state().ports.map((port) => ({ ...port, hearsRequests: port.id === 2 }));
    const traced = state({ ports, neighbours: [ASKER, NEIGHBOUR] });
    expect(traceFrame(traced, 0, REQUEST).egress).toEqual(['tap2']);
  });

  test.each([
    ['unknown', []],
    ['known, but not to all', [{ ...ASKER, isAnnounced: false }]],
    ['known elsewhere', [{ ...ASKER, port: 2 }]],
  ])('is flooded while the asker is %s', (_, askers) => {
    const traced = state({ neighbours: [...askers, NEIGHBOUR] });
    expect(traceFrame(traced, 0, REQUEST).egress).toEqual(['tap1', 'tap2']);
  });

  test('is flooded while the host is unknown', () => {
    const options = { ...state().options, arp: 'answer' as const };
    expect(traceFrame(state({ options }), 0, REQUEST).egress).toEqual(['tap1', 'tap2']);
  });
});

describe('a trace says why a request is flooded', () => {
  const reasonOf = (traced: TracedState): string | undefined =>
    traceFrame(traced, 0, REQUEST)
      .steps.find((step) => step.includes(' is flooded, '))
      ?.replace(/.* is flooded, ([a-z-]+):.*/, '$1');

  test('in one sentence', () => {
    expect(traceFrame(state({ neighbours: [ASKER] }), 0, REQUEST).steps).toEqual([
      `42 bytes come from tap0: ${A} to ${BROADCAST}, type 0x0806, ARP`,
      `${A} is known on tap0: refreshed`,
      'the request of 192.0.2.1 for 192.0.2.2 is flooded, unknown: The switch has heard no host ' +
        'use that address.',
      'it is a broadcast: to every other port',
      'it leaves from tap1',
      'it leaves from tap2',
    ]);
  });

  test.each<[reason: string, change: Partial<TracedState>]>([
    ['contested', { neighbours: [ASKER, { ...NEIGHBOUR, state: 'contested' }] }],
    ['conflict', { neighbours: [ASKER, { ...NEIGHBOUR, state: 'conflict' }] }],
    ['stale', { neighbours: [ASKER, { ...NEIGHBOUR, heardAgoMs: 60_000 }] }],
    ['moved', { neighbours: [ASKER, { ...NEIGHBOUR, port: 2 }] }],
    ['not-in-fdb', { neighbours: [ASKER, NEIGHBOUR], stations: [station(A, 0)] }],
    [
      'same-port',
      {
        neighbours: [ASKER, { ...NEIGHBOUR, port: 0 }],
        stations: [station(A, 0), station(B, 0)],
      },
    ],
    ['asker-unknown', { neighbours: [NEIGHBOUR] }],
    ['asker-contested', { neighbours: [{ ...ASKER, state: 'conflict' }, NEIGHBOUR] }],
  ])('%s', (reason, change) => {
    expect(reasonOf(state(change))).toBe(reason);
  });
});

describe('a trace of a switch says what the switch itself would', () => {
  /** A, whose address is 192.0.2.1, was flooded once; B announced 192.0.2.2. */
  class Running {
    readonly bridge = new Bridge({ mac: OWN_MAC });
    readonly io = new MemoryIo(this.bridge);
    readonly ports = LABELS.map((label) => this.io.port(label, { takesOffloads: true }));

    constructor() {
      this.announce(1, B, 'c0000202');
      this.announce(0, A, 'c0000201');
    }

    announce(port: number, mac: string, ip: string): void {
      const packet = `0001080006040001${mac}${ip}000000000000${ip}`;
      this.ports[port]?.send(fromHex(`${BROADCAST}${mac}0806${packet}`));
    }

    /** A frame that is no ARP. */
    speak(port: number, mac: string): void {
      this.ports[port]?.send(frame(BROADCAST, mac));
    }

    traced(): string[] {
      const neighbours = this.bridge.rooms.arp.hosts.list(this.bridge.burst.nowMs);
      const stations = this.bridge.stations();
      return [...traceFrame(state({ stations, neighbours, addresses: [] }), 0, REQUEST).steps];
    }

    told(): string[] {
      const steps: string[] = [];
      this.bridge.reporter = {
        step: (sentence) => steps.push(sentence),
        egress: () => undefined,
        drop: () => undefined,
        label: (port) => LABELS[port] as string,
      };
      this.ports[0]?.send(REQUEST);
      return steps;
    }
  }

  test.each<[name: string, arrange: (running: Running) => void]>([
    ['all hosts know the asker', () => undefined],
    [
      'asker-moved:',
      (running) => {
        running.bridge.fdb.flushPort(0);
        running.speak(0, A);
      },
    ],
    ['asker-elsewhere:', ({ bridge }) => bridge.fdb.addStatic(2, 0x0100_0000, 0, 2, 0)],
    [
      'port-came-up:',
      ({ ports }) => {
        ports[2]?.setUp(false);
        ports[2]?.setUp(true);
      },
    ],
    ['contested:', (running) => running.announce(2, STRANGER, 'c0000202')],
    [
      'conflict:',
      (running) => {
        running.announce(2, STRANGER, 'c0000202');
        running.announce(1, B, 'c0000202');
      },
    ],
    ['asker-contested:', (running) => running.announce(2, STRANGER, 'c0000201')],
    [
      'asker-unannounced:',
      (running) => {
        running.announce(2, A, 'c0000201');
        running.speak(0, A);
      },
    ],
    ['moved:', (running) => running.speak(2, B)],
    ['unknown:', ({ bridge }) => bridge.rooms.flushNeighbours(1)],
  ])('%s', (name, arrange) => {
    const running = new Running();
    arrange(running);
    const traced = running.traced();
    expect(traced).toEqual(running.told());
    expect(traced.join('\n')).toMatch(new RegExp(`(, |and )${name}`));
  });
});

describe('a solicitation for a known host', () => {
  const hex = (mac: string): string => mac.replaceAll(':', '');
  const asked = fromHex(
    solicitation({ mac: hex(A), source: '2001:db8::1', target: '2001:db8::2' }),
  );
  const neighbour = { ...NEIGHBOUR, address: '2001:db8::2' };

  test.each([
    [true, ['the answer leaves from tap0']],
    [false, ['the answer leaves from tap0']],
    [undefined, ['it leaves from tap1', 'it leaves from tap2']],
  ])('is answered once it is known whether it is a router: %s', (isRouter, last) => {
    const owner = { ...neighbour, ...(isRouter !== undefined && { isRouter }) };
    const neighbours = [{ ...ASKER, address: '2001:db8::1' }, owner];
    const { steps } = traceFrame(state({ neighbours }), 0, asked);
    expect(steps.filter((step) => step.includes('leaves'))).toEqual(last);
  });
});

describe('inspection', () => {
  const options = { ...state().options, inspect: true };
  const ports = (trustedId?: number) =>
    state().ports.map((port) => ({ ...port, isTrusted: port.id === trustedId }));
  const lease = { address: '192.0.2.1', mac: A, vlan: 0, port: 0, expiresInMs: 60_000 };
  const binding = { ...NEIGHBOUR, address: '192.0.2.1', mac: A, port: 0 };
  const FLOODED = ['tap1', 'tap2'];

  test('denies a sender without a binding', () => {
    const { steps, egress, drops } = traceFrame(state({ options }), 0, REQUEST);
    expect(steps.at(-1)).toBe(
      'inspection denies it at tap0, inspect-sender-unbound: The sender uses an address ' +
        'without a static binding or a DHCP lease for it.',
    );
    expect(egress).toEqual([]);
    expect(drops).toEqual([{ port: 'tap0', reason: 'inspect-sender-unbound' }]);
  });

  test.each<[what: string, change: Partial<TracedState>, egress: string[]]>([
    ['a trusted port', { ports: ports(0) }, FLOODED],
    ['another trusted port', { ports: ports(1) }, []],
    ['a lease', { leases: [lease] }, FLOODED],
    ["another port's lease", { leases: [{ ...lease, port: 1 }] }, []],
    ['a static binding', { neighbours: [{ ...binding, state: 'permanent' }] }, FLOODED],
    ['what was learned', { neighbours: [binding] }, []],
    [
      'a lease, and what was learned elsewhere',
      { leases: [lease], neighbours: [{ ...binding, port: 1 }] },
      FLOODED,
    ],
  ])('knows %s', (_, change, egress) => {
    expect(traceFrame(state({ options, ...change }), 0, REQUEST).egress).toEqual(egress);
  });
});

describe('a trace', () => {
  test.each<[what: string, port: number, frame: Uint8Array, steps: string[], egress: string[]]>([
    [
      'a known station',
      0,
      frame(B, A),
      [
        `60 bytes come from tap0: ${A} to ${B}, type 0x88b5, another protocol`,
        `${A} is known on tap0: refreshed`,
        'it leaves from tap1',
      ],
      ['tap1'],
    ],
    [
      'an unknown one',
      0,
      frame(STRANGER, A),
      [
        `60 bytes come from tap0: ${A} to ${STRANGER}, type 0x88b5, another protocol`,
        `${A} is known on tap0: refreshed`,
        `${STRANGER} is not in the forwarding database: to every other port`,
        'it leaves from tap1',
        'it leaves from tap2',
      ],
      ['tap1', 'tap2'],
    ],
    [
      'a station that moves',
      2,
      frame(BROADCAST, A),
      [
        `60 bytes come from tap2: ${A} to ${BROADCAST}, type 0x88b5, another protocol`,
        `${A} moves from tap0 to tap2`,
        'it is a broadcast: to every other port',
        'it leaves from tap0',
        'it leaves from tap1',
      ],
      ['tap0', 'tap1'],
    ],
    [
      'the port that it came from',
      1,
      frame(B, STRANGER),
      [
        `60 bytes come from tap1: ${STRANGER} to ${B}, type 0x88b5, another protocol`,
        `${STRANGER} is learned on tap1`,
        'dropped at tap1, same-port: The destination is behind the port that the frame came from.',
      ],
      [],
    ],
    [
      'too short a frame',
      0,
      new Uint8Array(13),
      [
        '13 bytes come from tap0',
        'dropped at tap0, too-short: Fewer than 14 bytes: not an Ethernet frame.',
      ],
      [],
    ],
  ])('to %s', (_, port, bytes, steps, egress) => {
    const trace = traceFrame(state(), port, bytes);
    expect(trace.steps).toEqual(steps);
    expect(trace.egress).toEqual(egress);
  });

  test('reports answers of the switch', () => {
    const request = fromHex(
      `${BROADCAST}${A}0806 0001080006040001 ${A} c0000201 000000000000 c0000264`,
    );
    const { steps, egress } = traceFrame(state(), 0, request);
    expect(steps).toContain('the switch sends a frame to tap0');
    expect(steps).toContain('the answer leaves from tap0');
    expect(egress).toEqual(['tap1', 'tap2']);
  });

  test('knows static entries, ports that are down, and MTUs', () => {
    const ports = state().ports.map((port) => ({
      ...port,
      isUp: port.id !== 1,
      mtuBytes: port.id === 2 ? 68 : 1500,
    }));
    const stations = [station(A, 2, 'static'), station(B, 1)];
    const trace = traceFrame(state({ ports, stations }), 0, frame(B, A));
    expect(trace.steps[1]).toBe(`${A} stays on tap2: that entry is static or sticky`);
    expect(trace.drops).toEqual([{ port: 'tap1', reason: 'egress-down' }]);
    const long = new Uint8Array([...frame(A, B), ...new Uint8Array(100)]);
    expect(traceFrame(state({ ports, stations }), 0, long).drops).toEqual([
      { port: 'tap2', reason: 'too-long' },
    ]);
  });

  test('ends with the drop of the frame', () => {
    const mac = fc.constantFrom(
      A,
      B,
      STRANGER,
      BROADCAST,
      '01:80:c2:00:00:01',
      '00:00:00:00:00:00',
    );
    const port = fc.nat(2);
    fc.assert(
      fc.property(mac, mac, port, fc.array(fc.tuple(mac, port)), (to, from, ingress, heard) => {
        const bridge = new Bridge({ mac: OWN_MAC });
        const io = new MemoryIo(bridge);
        const ports = LABELS.map((label) => io.port(label, { takesOffloads: true }));
        for (const [source, at] of heard) ports[at]?.send(frame(BROADCAST, source));
        for (const each of ports) each.take();
        const stations = bridge.stations();
        const told = traceFrame(state({ stations, addresses: [] }), ingress, frame(to, from));
        ports[ingress]?.send(frame(to, from));
        const left = ports.filter((each) => each.take().length > 0).map(({ name }) => name);
        expect(told.egress).toEqual(left);
      }),
    );
  });
});
