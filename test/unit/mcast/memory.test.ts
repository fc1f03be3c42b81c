/** Memory of the table of groups, as record 35 states it. */

import { types } from 'node:util';
import { expect, test } from '@jest/globals';
import { GroupTable } from '../../../src/mcast/group-table';
import { MemberFlag } from '../../../src/mcast/members';
import { newIpKey, setIpv4Key } from '../../../src/wire/ip-key';

const PORTS = 256;
const GROUPS = 1_000;
const BYTES_PER_MB = 1e6;

/** MB of the typed arrays of an object and of all objects that it refers to. */
function megabytes(root: object): number {
  const seen = new Set<object>();
  let bytes = 0;
  const visit = (value: unknown): void => {
    if (typeof value !== 'object' || value === null || seen.has(value)) return;
    seen.add(value);
    if (ArrayBuffer.isView(value)) {
      visit(value.buffer);
      return;
    }
    if (types.isAnyArrayBuffer(value)) bytes += value.byteLength;
    const isCollection = types.isMap(value) || types.isSet(value);
    for (const part of isCollection ? value : Object.values(value)) visit(part);
  };
  visit(root);
  return bytes / BYTES_PER_MB;
}

test('256 ports in 1,000 groups fit into the stated memory, and an empty table takes next to none', () => {
  const table = new GroupTable({ maxPorts: PORTS, seed: 1 });
  const empty = megabytes(table);
  const key = newIpKey();
  const routers = new Int32Array(0);
  for (let group = 0; group < GROUPS; group++) {
    setIpv4Key(key, 0xef010000 + group);
    // The last port joins first, so that each port finds its place in the chain at once.
    for (let port = PORTS - 1; port >= 0; port--) {
      const member = table.ensureMember(key, 0, port);
      table.members.set(member, MemberFlag.Exclude, true);
      table.changed(member);
    }
  }
  const members = megabytes(table);
  // Frames make the egress lists.
  for (let group = 0; group < GROUPS; group++) table.lists.of(group, key, routers);
  const all = megabytes(table);
  expect(table.members.count).toBe(PORTS * GROUPS);
  expect(empty).toBeLessThan(0.1);
  expect(members).toBeLessThan(7);
  expect(all).toBeLessThan(8);
});
