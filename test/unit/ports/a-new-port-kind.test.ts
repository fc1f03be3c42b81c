/**
 * A kind of port that only a test knows, added through the seam: everything that reads, opens, changes
 * and shows ports takes it as it is. `test/netns/a-new-port-kind.test.ts` lets frames through it.
 */

import { beforeEach, describe, expect, jest, test } from '@jest/globals';
import { configDocument } from '../../../src/config/document';
import { configFileSchema, readFileValues } from '../../../src/config/file-schema';
import { helpAfter } from '../../../src/config/help';
import { completeConfig } from '../../../src/config/schema';
import type { DataPlane } from '../../../src/dataplane/data-plane';
import type { Command } from '../../../src/dataplane/messages';
import type { EventName } from '../../../src/journal/events';
import { DEFAULT_FLAGS } from '../../../src/l2/port-table';
import type { Journal } from '../../../src/journal/journal';
import { portKinds } from '../../../src/ports/kinds';
import { PortSet } from '../../../src/ports/port-set';
import { refuseSameInterface } from '../../../src/ports/refuse-port';
import { tapKind } from '../../../src/ports/tap-port';
import { WireKind, type WirePort } from '../../support/wire-kind';

const WIRE_KEYS = 'mtu, colour, tag, spare, trusted, neigh-suppress';
const FDS = new Map([
  ['a', 40],
  ['b', 41],
]);

/** A set of ports with a data plane that notes its commands, and a journal that notes its events. */
function portSet(...others: WireKind[]) {
  const orders: Command[] = [];
  const events: EventName[] = [];
  const dataPlane = {
    order: (command: Command) => {
      orders.push(command);
      return Promise.resolve();
    },
    counters: { read: () => ({ counters: {}, drops: {} }) },
  } as unknown as DataPlane;
  const journal = {
    note: (event: EventName) => events.push(event),
    log: { error: (line: string) => events.push(line as EventName) },
  } as unknown as Journal;
  const kind = new WireKind(FDS);
  const kinds = portKinds([tapKind, ...others, kind]);
  return {
    kinds,
    kind,
    orders,
    events,
    ports: new PortSet(kinds, dataPlane, journal, true, 'br0'),
  };
}

describe('a port of a new kind', () => {
  const { kinds } = portSet();

  test('is read from text and written as the same text', () => {
    const spec = { kind: 'wire', name: 'a', mtu: 200, colour: 'red', spare: true };
    expect(kinds.parse('wire:a,mtu=200,colour=red,spare')).toEqual(spec);
    expect(kinds.format(spec)).toBe('wire:a,mtu=200,colour=red,spare');
    expect(kinds.parse('wire:b,trusted')).toEqual({ kind: 'wire', name: 'b', trusted: true });
  });

  test('has a list for a repeated key', () => {
    const spec = { kind: 'wire', name: 'a', tag: [3, 1] };
    expect(kinds.parse('wire:a,tag=3,tag=1')).toEqual(spec);
    expect(kinds.format(spec)).toBe('wire:a,tag=3,tag=1');
    expect(kinds.check(spec)).toEqual(spec);
    expect(kinds.parseSettings('wire:a', ['tag=2', 'tag=1'])).toEqual({ tag: [2, 1] });
    const ports = [spec, { kind: 'wire', name: 'b', tag: 5 }];
    expect(readFileValues({ ports }, kinds)).toMatchObject({
      given: { ports: [spec, { name: 'b', tag: [5] }] },
    });
  });

  test.each([
    ['wire:a,tag=3,tag=3', 'tag: tag 3 is given twice; once is enough'],
    ['wire:a,tag=3,tag=0', 'tag: expected a whole number from 1 to 9, got "0"'],
    ['wire:a,queue=5', `"queue": no such key; one of ${WIRE_KEYS}`],
    ['wire:a,mtu=99', 'mtu: expected a whole number from 100 to 9000, got "99"'],
    ['wire:7', 'expected the name of a wire, got "7"'],
    ['wire:a@red', 'netns: a port of kind wire lies in no namespace; leave it out'],
    ['wire:7@red', 'expected the name of a wire, got "7@red"'],
    ['tap0,colour=red', '"colour": no such key; one of mtu, queue, mac'],
    ['wier:a', '"wier": no such kind of port; did you mean wire?'],
    ['x:a', '"x": no such kind of port; one of tap, wire'],
  ])('%s is refused', (text, reason) => {
    expect(() => kinds.parse(text)).toThrow(reason);
  });

  test('can be in a configuration file, as text or as a mapping', () => {
    const ports = ['wire:a,colour=red', { kind: 'wire', name: 'b', mtu: 300 }, 'tap0'];
    const read = readFileValues({ ports }, kinds);
    const config = completeConfig('given' in read ? [read.given] : [], false);
    expect(config.ports).toEqual([
      { kind: 'wire', name: 'a', colour: 'red' },
      { kind: 'wire', name: 'b', mtu: 300 },
      { name: 'tap0' },
    ]);
    expect(configDocument(config, kinds)).toMatchObject({
      ports: ['wire:a,colour=red', 'wire:b,mtu=300', 'tap0'],
    });
  });

  test('is checked against its own keys in a file', () => {
    const ports = [{ kind: 'wire', name: 'a', queue: 5 }, { kind: 'cable', name: 'b' }, 'wire:a'];
    expect(readFileValues({ ports }, kinds)).toEqual({
      faults: [
        { path: ['ports', 0, 'queue'], message: expect.stringContaining('no such key; one of') },
        { path: ['ports', 1], message: '"cable": no such kind of port; one of tap, wire' },
      ],
    });
  });

  test('is in the schema for editors, and in the help', () => {
    expect(JSON.stringify(configFileSchema(kinds))).toContain('"colour"');
    expect(helpAfter(kinds)).toContain('\n  wire:NAME    the end of a wire whose other end a test');
    expect(helpAfter(kinds)).toContain('\n  colour=COLOUR\n               of the wire\n');
  });
});

describe('an open port of a new kind', () => {
  let set: ReturnType<typeof portSet>;
  let wire: WirePort;

  beforeEach(async () => {
    set = portSet();
    wire = (await set.ports.add(set.kinds.parse('wire:a,mtu=200,trusted'))) as WirePort;
  });

  test('is plugged in with its transport and the settings of the bridge', () => {
    expect(set.orders).toMatchObject([
      {
        kind: 'add-port',
        port: 0,
        transport: { fd: 40, kind: 'device', framing: 'plain' },
        settings: {
          name: 'wire:a',
          mtuBytes: 200,
          takesOffloads: false,
          isUp: true,
          ...DEFAULT_FLAGS,
          hearsRequests: false,
          isTrusted: true,
          hostMac: null,
        },
      },
    ]);
    expect(set.events).toEqual(['port-attached', 'port-added']);
    expect(set.ports.infos()).toMatchObject([{ port: 'wire:a', state: 'up', mtuBytes: 200 }]);
  });

  test('takes settings by its keys', async () => {
    const settings = set.kinds.parseSettings('wire:a', ['mtu=900', 'colour=red', 'trusted=off']);
    await set.ports.set(wire, settings);
    expect(set.orders.at(-1)).toEqual({
      kind: 'set-port',
      port: 0,
      settings: { mtuBytes: 900, isTrusted: false },
    });
    expect(wire.spec).toEqual({ kind: 'wire', name: 'a', mtu: 900, colour: 'red', trusted: false });
  });

  test('refuses a key that it does not have, and one that is only for opening it', async () => {
    const reason = '"queue": no such key; one of mtu, colour, tag, trusted, neigh-suppress';
    expect(() => set.kinds.parseSettings('wire:a', ['queue=5'])).toThrow(reason);
    await expect(set.ports.set(wire, { queue: 5 })).rejects.toThrow(reason);
    await expect(set.ports.set(wire, { spare: true })).rejects.toThrow('"spare": no such key');
    expect(set.orders).toHaveLength(1);
  });

  test('changes nothing if its kind refuses a value, and explains it in the words of the kind', async () => {
    const settings = { colour: 'plaid', mtu: 900, trusted: false };
    await expect(set.ports.set(wire, settings)).rejects.toThrow(
      'wire:a: no wire is plaid; choose another colour',
    );
    expect(wire.spec).toEqual({ kind: 'wire', name: 'a', mtu: 200, trusted: true });
    expect(set.orders).toHaveLength(1);
  });

  test('loses its transport, and gets another', async () => {
    wire.cut();
    await Promise.resolve();
    expect(set.orders.at(-1)).toEqual({ kind: 'detach-port', port: 0 });
    expect(wire.state).toBe('down');
    wire.join(50);
    await new Promise(setImmediate);
    expect(set.orders.at(-1)).toMatchObject({
      kind: 'attach-port',
      port: 0,
      transport: { fd: 50, kind: 'device', framing: 'plain' },
      settings: {
        mtuBytes: 200,
        takesOffloads: false,
        isUp: true,
        hearsRequests: false,
        isTrusted: true,
      },
    });
    expect(set.events.slice(2)).toEqual(['port-down', 'port-back', 'port-up']);
  });

  test('may lose its transport while the data plane takes it, and get another', async () => {
    const before = set.orders.length;
    wire.cut();
    wire.join(51);
    wire.cut();
    wire.join(52);
    await new Promise(setImmediate);
    const orders = set.orders.slice(before).map((order) => {
      const { kind } = order;
      return kind === 'attach-port' ? `${kind} ${order.transport.fd}` : kind;
    });
    expect(orders).toEqual(['detach-port', 'attach-port 51', 'detach-port', 'attach-port 52']);
    expect(wire.state).toBe('up');
  });

  test('ignores errors of a transport that it has closed', async () => {
    const troubled = jest.spyOn(wire, 'refresh');
    wire.cut();
    const seen = troubled.mock.calls.length;
    set.ports.refreshTransport({ port: 0, errno: 104, hasEnded: true });
    expect(troubled).toHaveBeenCalledTimes(seen);
    await new Promise(setImmediate);
    set.ports.refreshTransport({ port: 0, errno: 104, hasEnded: true });
    expect(troubled).toHaveBeenCalledTimes(seen + 1);
    troubled.mockRestore();
    wire.join(53);
    await new Promise(setImmediate);
    expect(wire.state).toBe('up');
  });

  test('has the values that a reload compares', () => {
    expect(wire.holds('mtu')).toBe(200);
    expect(wire.holds('neigh-suppress')).toBe(true);
  });

  test('cannot be added twice', async () => {
    const again = set.ports.add(set.kinds.parse('wire:a'));
    await expect(again).rejects.toThrow('wire:a is a port of this switch already');
  });

  test('can share a name with a port of another kind only if the interfaces differ', async () => {
    const rope = new WireKind(FDS, 'rope');
    const { ports, kinds } = portSet(rope);
    await ports.add(kinds.parse('wire:a'));
    await expect(ports.add(kinds.parse('rope:a'))).rejects.toThrow(
      'rope:a: is the interface of wire:a, which is a port of this switch already',
    );
    const twice = ['wire:a', 'rope:b', 'rope:a'].map((text) => kinds.parse(text));
    expect(() => refuseSameInterface(kinds, twice)).toThrow(
      'wire:a and rope:a are the same interface; give it once',
    );
    rope.identity = ({ name }) => `rope ${name}`;
    await ports.add(kinds.parse('rope:a'));
    expect(ports.all.map(({ label }) => label)).toEqual(['wire:a', 'rope:a']);
    expect(() => refuseSameInterface(kinds, twice)).not.toThrow();
  });

  test('can wait for its transport', async () => {
    const spec = set.kinds.parse('wire:b');
    const kind = new WireKind(new Map([['b', undefined]]));
    const { ports, orders } = portSet(kind);
    const waiting = (await ports.add(spec)) as WirePort;
    expect(orders).toMatchObject([{ kind: 'add-port', settings: { isUp: false } }]);
    expect(orders[0]).not.toHaveProperty('transport');
    waiting.join(60);
    await new Promise(setImmediate);
    expect(orders.slice(1)).toMatchObject([
      { kind: 'attach-port', transport: { fd: 60 }, settings: { isUp: true } },
    ]);
  });

  test('explains why it cannot be opened', async () => {
    const absent = set.ports.add(set.kinds.parse('wire:c'));
    await expect(absent).rejects.toThrow('wire:c: there is no wire "c"; lay one');
    expect(set.ports.all).toEqual([wire]);
  });

  test('is closed when it is removed', async () => {
    await set.ports.remove(wire);
    expect(set.orders.at(-1)).toEqual({ kind: 'remove-port', port: 0 });
    expect(wire.isClosed).toBe(true);
    expect(set.ports.all).toEqual([]);
    expect(set.events.at(-1)).toBe('port-removed');
  });
});
