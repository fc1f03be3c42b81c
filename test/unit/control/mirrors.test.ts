import { describe, expect, test } from '@jest/globals';
import { formatPath, readShape } from '../../../src/config/rule-schema';
import type { MirrorSpec } from '../../../src/config/values/mirror';
import { mirrorTable, storableMirrors } from '../../../src/control/mirrors';
import { newMirror } from '../../../src/control/resources/mirrors';
import type { EntryPort } from '../../../src/control/static-entries';
import type { DataPlane } from '../../../src/dataplane/data-plane';

const MIRROR: MirrorSpec = {
  ...{ name: 'm1', from: ['tap0', 'tap1'], direction: 'in', port: 'tap2', shared: false },
};

/** Mirrors of a switch with three ports, and the ids of the ports that the data plane copies from. */
function setUp() {
  const ports: EntryPort[] = ['tap0', 'tap1', 'tap2'].map((label, id) => ({ id, label }));
  const told: (readonly number[])[] = [];
  const dataPlane: Pick<DataPlane, 'order'> = {
    order: (command) => {
      if (command.kind === 'add-mirror') told.push(command.mirror.in);
      return Promise.resolve(true as never);
    },
  };
  const entryPorts = {
    all: ports,
    find: (label: string) => ports.find((port) => port.label === label),
    explainMissing: (label: string) => `no port ${label}`,
  };
  return { ports, told, mirrors: mirrorTable(entryPorts, dataPlane as DataPlane) };
}

test('a port that is removed and added again is mirrored again by a reload, and not before', async () => {
  const { ports, told, mirrors } = setUp();
  await mirrors.set([MIRROR]);
  ports.splice(1, 1);
  expect(mirrors.list()).toEqual([{ ...MIRROR, from: ['tap0'] }]);
  ports.push({ id: 7, label: 'tap1' });
  expect(mirrors.list()).toEqual([{ ...MIRROR, from: ['tap0'] }]);
  await mirrors.set([MIRROR]);
  expect(told).toEqual([
    [0, 1],
    [0, 7],
  ]);
  expect(mirrors.list()).toEqual([MIRROR]);
  await mirrors.set([MIRROR]);
  expect(told).toHaveLength(2);
});

test('a mirror that has lost all of its ports stays, but no file can have it', async () => {
  const { ports, mirrors } = setUp();
  await mirrors.set([{ ...MIRROR, from: ['tap0'] }]);
  ports.shift();
  expect(mirrors.list()).toMatchObject([{ name: 'm1', from: [] }]);
  expect(storableMirrors(mirrors.list())).toEqual([]);
});

describe('a word that no mirror has', () => {
  test.each([
    [
      { from: ['tap0', 'tap1 sideways'] },
      'mirror: m1: expected [in|out|both] [vlan VID] [filter WORDS] behind tap1, got "sideways"',
    ],
    [{ port: 'tap2 shard' }, 'mirror: m1: expected "shared" or nothing behind tap2, got "shard"'],
    [{ from: ['tap7 in'] }, 'mirror: m1: no port tap7 in'],
  ])('%p', async (part, complaint) => {
    const { mirrors } = setUp();
    await expect(mirrors.add({ ...MIRROR, ...part })).rejects.toThrow(complaint);
  });
});

test.each([
  ['tap0', 'from: expected a list of ports, one at least, got "tap0"'],
  [[], 'from: expected a list of ports, one at least, got an empty list'],
  [['tap0', 7], 'from[1]: expected a port: [KIND:]NAME[@NETNS], got 7'],
])('the ports %p are no list of ports', (from, complaint) => {
  const read = readShape(newMirror, { name: 'm1', from, to: 'tap2' });
  const faults = 'faults' in read ? read.faults : [];
  expect(faults.map(({ path, message }) => `${formatPath(path)}: ${message}`)).toEqual([complaint]);
});
