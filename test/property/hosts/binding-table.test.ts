/** The binding table against a naive twin: a list, searched from one end to the other. */

import { describe, expect, test } from '@jest/globals';
import fc from 'fast-check';
import { ipKeyOf } from '../../../src/wire/ip-key';
import type { IpKey } from '../../../src/wire/ip-key';
import { BindingTable, NO_ENTRY } from '../../../src/hosts/binding-table';

const MAX_ENTRIES = 8;
const PORTS = 3;

interface Twin {
  id: number;
  port: number;
  heardMs: number;
  isStatic: boolean;
}

const keyOf = (id: number): IpKey => ipKeyOf([192, 0, 2, id]);

type Step =
  | { do: 'hear'; id: number; port: number }
  | { do: 'pin'; id: number; port: number }
  | { do: 'remove'; id: number };

const id = fc.integer({ min: 1, max: 24 });
const port = fc.integer({ min: 0, max: PORTS - 1 });
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('hear' as const), id, port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('pin' as const), id, port }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('remove' as const), id }) },
);

const dynamicOf = (twins: Twin[], onPort?: number): Twin[] =>
  twins.filter((twin) => !twin.isStatic && (onPort === undefined || twin.port === onPort));

/** The entry that a new entry on `port` replaces. */
function victimOf(twins: Twin[], newPort: number): Twin {
  const counts = Array.from({ length: PORTS }, (_, index) => dynamicOf(twins, index).length);
  const most = Math.max(...counts);
  const heaviest = counts[newPort] === most ? newPort : counts.indexOf(most);
  return dynamicOf(twins, heaviest).reduce((a, b) => (a.heardMs <= b.heardMs ? a : b));
}

function hear(twins: Twin[], { id, port }: { id: number; port: number }, nowMs: number): Twin[] {
  const known = twins.find((twin) => twin.id === id);
  if (known !== undefined) {
    known.heardMs = nowMs;
    if (!known.isStatic) known.port = port;
    return twins;
  }
  const full = dynamicOf(twins).length >= MAX_ENTRIES;
  const kept = full ? twins.filter((twin) => twin !== victimOf(twins, port)) : twins;
  return [...kept, { id, port, heardMs: nowMs, isStatic: false }];
}

function contents(table: BindingTable): { id: number; port: number; isStatic: boolean }[] {
  const found: { id: number; port: number; isStatic: boolean }[] = [];
  table.forEach((entry) => {
    found.push({
      id: table.lo32[entry] as number,
      port: table.port[entry] as number,
      isStatic: table.isStatic(entry),
    });
  });
  return found.sort((a, b) => a.id - b.id);
}

describe('binding table', () => {
  test('holds the same bindings as a list', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer(), (steps, seed) => {
        const table = new BindingTable({ maxEntries: MAX_ENTRIES, maxPorts: PORTS, seed });
        let twins: Twin[] = [];
        steps.forEach((next, nowMs) => {
          const entry = table.find(keyOf(next.id), 0);
          if (next.do === 'hear') {
            if (entry === NO_ENTRY) table.insert(keyOf(next.id), 0, 2, next.id, next.port, nowMs);
            else table.touch(entry, next.port, nowMs);
            twins = hear(twins, next, nowMs);
          } else {
            if (entry !== NO_ENTRY) table.remove(entry);
            twins = twins.filter((twin) => twin.id !== next.id);
          }
          if (next.do === 'pin') {
            table.insertStatic(keyOf(next.id), 0, 2, next.id, next.port);
            twins.push({ id: next.id, port: next.port, heardMs: -1, isStatic: true });
          }
        });
        const expected = twins
          .map(({ id, port, isStatic }) => ({ id, port, isStatic }))
          .sort((a, b) => a.id - b.id);
        expect(contents(table)).toEqual(expected);
        expect(table.count).toBe(twins.length);
        for (let port = 0; port < PORTS; port++) {
          expect(table.countOn(port)).toBe(dynamicOf(twins, port).length);
        }
      }),
    );
  });

  test('a port that claims any number of addresses evicts no bindings of other ports', () => {
    const table = new BindingTable({ maxEntries: 1_000, maxPorts: 4, seed: 7 });
    for (let host = 0; host < 200; host++) {
      table.insert(ipKeyOf([198, 51, 100, host]), 0, 2, host, host % 2, 0);
    }
    // The addresses are 2001:db8:: and a number.
    const words = Uint8Array.from([0x20, 1, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
    const claimed = new Uint32Array(words.buffer, 12);
    for (let host = 0; host < 200_000; host++) {
      claimed[0] = host;
      table.insert(ipKeyOf(words), 0, 2, host, 3, 1 + host);
    }
    expect([0, 1, 2, 3].map((port) => table.countOn(port))).toEqual([100, 100, 0, 800]);
    expect(table.count).toBe(1_000);
    expect(table.find(ipKeyOf([198, 51, 100, 7]), 0)).not.toBe(NO_ENTRY);
  });

  test('one address in two VLANs is two bindings', () => {
    const table = new BindingTable({});
    const one = table.insert(keyOf(1), 1, 2, 1, 0, 0);
    const other = table.insert(keyOf(1), 2, 2, 2, 0, 0);
    expect(table.find(keyOf(1), 1)).toBe(one);
    expect(table.find(keyOf(1), 2)).toBe(other);
    expect(table.find(keyOf(1), 0)).toBe(NO_ENTRY);
  });
});
