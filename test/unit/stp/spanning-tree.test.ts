/** Cases of the spanning tree that the tables do not have: guards, one-way links, limits, settings while it runs. */

import { describe, expect, test } from '@jest/globals';
import { Reception } from '../../../src/stp/spanning-tree';
import type { TreePortSettings } from '../../../src/stp/tree-port';
import { newBpdu } from '../../../src/wire/bpdu';
import { type LinkedBridge, StpNetwork } from '../../support/stp-network';

const RSTP = {
  protocol: 'rstp',
  priority: 32_768,
  helloTime: 2,
  maxAge: 20,
  forwardDelay: 15,
} as const;

interface Pair {
  readonly network: StpNetwork;
  readonly a: LinkedBridge;
  readonly b: LinkedBridge;
}

/** Two bridges with some links between them; A has the better address. */
function pair(links = 1, ofA: Partial<TreePortSettings> = {}): Pair {
  const network = new StpNetwork();
  const a = network.add('A', 1, {});
  const b = network.add('B', 2, {});
  const numbers = Array.from({ length: links }, (_, at) => at + 1);
  for (const number of numbers) {
    a.addPort(number, ofA).lan = `${number}`;
    b.addPort(number).lan = `${number}`;
  }
  a.setLinks(numbers, true);
  b.setLinks(numbers, true);
  network.deliver();
  return { network, a, b };
}

const stateOf = (bridge: LinkedBridge, port: number): string => bridge.portOf(port).state;

test('a link that carries frames one way only never becomes a loop', () => {
  const { network, a, b } = pair(2);
  network.run(30);
  // B no longer receives BPDUs of A on either link, and becomes the root of its own tree.
  b.portOf(2).isDeaf = true;
  b.portOf(1).isDeaf = true;
  const before = a.states.length;
  network.run(120);
  const later = a.states.slice(before).filter(({ at }) => at > network.now - 100);
  expect(later.map(({ state }) => state)).not.toContain('forwarding');
});

test('an edge port that is unplugged is no topology change', () => {
  const { network, a } = pair();
  a.addPort(5);
  a.setLinks([5], true);
  network.run(30);
  const before = a.tree.topologyChangeCount;
  a.setLinks([5], false);
  network.run(10);
  a.setLinks([5], true);
  network.run(10);
  expect(stateOf(a, 5)).toBe('forwarding');
  expect(a.tree.topologyChangeCount).toBe(before);
});

test('a port sends at most six BPDUs in a second', () => {
  const { network, a } = pair();
  network.run(20);
  const before = a.sent.length;
  for (let at = 1; at <= 50; at++) {
    a.tree.configure({ ...RSTP, priority: 4096 * (at % 2) });
    network.deliver();
  }
  expect(a.sent.length - before).toBeLessThanOrEqual(6);
  network.run(10);
  const counts = Array.from(
    { length: 8 },
    (_, at) => a.sent.filter((entry) => entry.at === network.now - at).length,
  );
  expect(Math.max(...counts)).toBeLessThanOrEqual(6);
});

describe('a guard', () => {
  test('against BPDUs opens the port again when its link comes up anew, and when the guard goes', () => {
    const { network, a, b } = pair(1, { bpduGuard: true });
    expect(stateOf(a, 1)).toBe('disabled');
    network.run(10);
    expect(stateOf(a, 1)).toBe('disabled');
    b.setLinks([1], false);
    a.setLinks([1], false);
    a.setLinks([1], true);
    expect(stateOf(a, 1)).toBe('discarding');
    b.setLinks([1], true);
    network.deliver();
    expect(stateOf(a, 1)).toBe('disabled');
    a.tree.configurePort(1, { bpduGuard: false });
    network.run(5);
    expect(stateOf(a, 1)).toBe('forwarding');
  });

  test('against roots counts from the moment at which it is set', () => {
    const { network, a, b } = pair();
    network.run(10);
    expect(b.tree.rootPort?.id).toBe(1);
    b.tree.configurePort(1, { rootGuard: true });
    network.deliver();
    expect(b.tree.isRoot).toBe(true);
    expect(stateOf(b, 1)).toBe('discarding');
    network.run(60);
    expect(stateOf(b, 1)).toBe('discarding');
    expect(a.tree.isRoot).toBe(true);
  });

  test('against topology changes keeps the other ports as they are', () => {
    const { network, a, b } = pair(1, { tcnGuard: true });
    a.addPort(2, { autoEdge: false });
    a.setLinks([2], true);
    network.run(60);
    const before = a.flushes.length;
    b.addPort(3, { autoEdge: false });
    b.setLinks([3], true);
    network.run(60);
    expect(stateOf(b, 3)).toBe('forwarding');
    expect(a.flushes.slice(before)).toEqual([]);
  });
});

describe('settings that change while the tree runs', () => {
  test('move the root when a priority changes', () => {
    const { network, a, b } = pair(2);
    network.run(10);
    b.tree.configure({ ...RSTP, priority: 4096 });
    network.run(5);
    expect([a.tree.isRoot, b.tree.isRoot]).toEqual([false, true]);
    expect(a.tree.rootPriority.rootPriority).toBe(4096);
    expect([1, 2].map((port) => a.tree.port(port)?.role)).toEqual(['root', 'alternate']);
  });

  test('move the root port when a cost changes', () => {
    const { network, b } = pair(2);
    network.run(10);
    expect([1, 2].map((port) => b.tree.port(port)?.role)).toEqual(['root', 'alternate']);
    b.tree.configurePort(1, { cost: 500_000 });
    network.run(5);
    expect([1, 2].map((port) => b.tree.port(port)?.role)).toEqual(['alternate', 'root']);
  });

  test('make a port an edge at once, but not a port that receives BPDUs', () => {
    const { network, a, b } = pair();
    a.addPort(2, { autoEdge: false });
    a.setLinks([2], true);
    expect(stateOf(a, 2)).toBe('discarding');
    a.tree.configurePort(2, { adminEdge: true });
    expect(stateOf(a, 2)).toBe('forwarding');
    network.run(5);
    b.tree.configurePort(1, { adminEdge: true });
    expect(b.tree.port(1)?.operEdge).toBe(false);
  });

  test('change the protocol of the bridge, and start anew', () => {
    const { network, a, b } = pair();
    network.run(10);
    for (const { tree } of [a, b]) tree.configure({ ...RSTP, protocol: 'stp' });
    network.deliver();
    expect(stateOf(a, 1)).toBe('discarding');
    network.run(32);
    expect(stateOf(a, 1)).toBe('forwarding');
    expect(a.sent.at(-1)?.isRst).toBe(false);
  });
});

describe('a BPDU', () => {
  test('of the port itself is ignored', () => {
    const { a } = pair();
    const own = { ...newBpdu(), bridgeAddress: a.tree.bridgeAddress, portId: 0x8001 };
    expect(a.tree.receive(1, own)).toBe(Reception.Own);
  });

  test('on a port with a filter, or without a link, is ignored', () => {
    const { a } = pair();
    a.addPort(2, { bpduFilter: true });
    a.addPort(3);
    a.setLinks([2], true);
    expect(a.tree.receive(2, newBpdu())).toBe(Reception.Filtered);
    expect(a.tree.receive(3, newBpdu())).toBe(Reception.Filtered);
    expect(a.tree.receive(99, newBpdu())).toBe(Reception.Filtered);
  });

  test('with the highest path cost does not wrap around to a low one', () => {
    const { network, a, b } = pair(2);
    network.run(10);
    const rootId = { rootPriority: 0, rootAddress: 7, cost: 0xffff_ffff };
    const from = { bridgePriority: 0, bridgeAddress: 9, portId: 0x8001 };
    const times = { messageAge: 1, maxAge: 20, helloTime: 2, forwardDelay: 15 };
    b.tree.receive(1, { ...newBpdu(), role: 3, ...rootId, ...from, ...times });
    expect(b.tree.rootPriority.cost).toBe(0xffff_ffff);
    expect(a.tree.endlessCount).toBe(0);
  });
});

test('a port that is removed takes its information about the root with it', () => {
  const { network, b } = pair();
  network.run(5);
  expect(b.tree.isRoot).toBe(false);
  b.tree.removePort(1);
  expect(b.tree.isRoot).toBe(true);
  expect(b.tree.rootPriority.rootAddress).toBe(2);
});
