/**
 * Mutated reports and queries at a switch that snoops: no crash, bounded memory, and lists of ports that agree
 * with the table. `GROUP_FUZZ_ROUNDS=1000000` makes a million of them.
 */

import { expect, test } from '@jest/globals';
import { MAX_SOURCES_EACH } from '../../src/mcast/sources';
import { data, join, leave, query, report } from '../support/group-frames';
import { NO_VLAN } from '../../src/wire/vlan';
import { GroupLab } from '../support/group-lab';
import { randomFrom } from '../support/random';

const ROUNDS = Number(process.env['GROUP_FUZZ_ROUNDS'] ?? 6_000);
const MUTATIONS = 4;
const PORTS = 4;
const HASH_MAX = 32;
const TYPES = ['is_in', 'is_ex', 'to_in', 'to_ex', 'allow', 'block', 9] as const;
const SOURCES = Array.from({ length: 40 }, (_, index) => `192.0.2.${index + 1}`);
const SOURCES_V6 = SOURCES.map((_, index) => `2001:db8::${index + 1}`);

const random = randomFrom(0x6e0b);

function seed(): Uint8Array {
  const isV4 = random(2) === 0;
  const group = isV4 ? `239.1.1.${random(8)}` : `ff0e::${random(8) + 1}`;
  const from = random(40);
  const sources = (isV4 ? SOURCES : SOURCES_V6).slice(from, from + random(40));
  switch (random(5)) {
    case 0:
      return join(group);
    case 1:
      return leave(group);
    case 2: {
      const source = isV4 ? `192.0.2.${random(8)}` : `fe80::${random(8)}`;
      return query({ source, ...(random(2) === 0 && { group, maxResponse: 1, sources }) });
    }
    default:
      return report([[TYPES[random(TYPES.length)] ?? 9, group, sources]]);
  }
}

/** Changes bytes of a frame. Half of the mutations leave the Ethernet addresses, so that frames reach the room. */
function mutate(bytes: Uint8Array): Uint8Array {
  const mutated = Uint8Array.from(
    random(8) === 0 ? bytes.subarray(0, random(bytes.length)) : bytes,
  );
  if (random(3) === 0) return mutated;
  const spared = random(2) === 0 ? 14 : 0;
  for (let count = random(MUTATIONS); count > 0 && mutated.length > spared; count--) {
    mutated[spared + random(mutated.length - spared)] = random(256);
  }
  return mutated;
}

/** Checks conditions that must hold for the table after any frame. */
function check(lab: GroupLab): void {
  const { table } = lab.bridge.rooms.mcast;
  let members = 0;
  let sources = 0;
  const perPort = new Array<number>(PORTS).fill(0);
  table.forEach((member) => {
    members++;
    const port = table.members.port[member] as number;
    perPort[port] = (perPort[port] as number) + 1;
    const count = table.sourcesOf(member);
    sources += count;
    if (count > MAX_SOURCES_EACH || table.isEmpty(member)) throw new Error('a wrong membership');
  });
  expect([table.members.count, table.sources.count]).toEqual([members, sources]);
  expect(perPort.map((_, port) => table.countOn(port))).toEqual(perPort);
  expect(perPort.map((_, port) => table.limits.countIn(port, NO_VLAN))).toEqual(perPort);
  expect(table.index.count).toBeLessThanOrEqual(HASH_MAX);
}

test(`${ROUNDS} mutated reports and queries`, () => {
  const lab = new GroupLab(PORTS, {
    mcastQuerier: true,
    mcastIgmpVersion: 3,
    mcastMldVersion: 2,
    mcastHashMax: HASH_MAX,
  });
  lab.bridge.configurePort(3, { fastLeave: true, mcastMaxGroups: 5 });
  lab.until(12);
  for (let round = 0; round < ROUNDS; round++) {
    lab.port(random(PORTS)).send(mutate(seed()));
    if (round % 16 === 0) lab.port(random(PORTS)).send(data(`239.1.1.${random(8)}`, '192.0.2.9'));
    if (round % 64 === 0) lab.io.advance(random(400));
    if (round % 256 === 0) {
      check(lab);
      lab.take();
    }
  }
  check(lab);
  expect(lab.counts(0)['mcast-reports']).toBeGreaterThan(ROUNDS / 100);
  lab.io.advance(400_000);
  expect(lab.rows()).toEqual([]);
  expect(lab.bridge.rooms.mcast.table.sources.count).toBe(0);
  expect(lab.bridge.rooms.mcast.table.counts).toEqual({ groups: 0, ports: new Map() });
});
