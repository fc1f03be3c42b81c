import { describe, expect, test } from '@jest/globals';
import { type EntryPort, StaticEntries } from '../../../src/control/static-entries';
import { RequestError } from '../../../src/system/request-error';

interface Entry {
  readonly name: string;
  readonly port?: string;
  readonly group?: string;
  readonly value?: number;
}

/** Commands to the data plane, in order. */
class Harness {
  readonly ports: EntryPort[] = [
    { id: 0, label: 'tap0' },
    { id: 1, label: 'tap1' },
  ];
  readonly told: string[] = [];
  isFull = false;
  readonly entries = new StaticEntries<Entry>(
    {
      all: this.ports,
      find: (label) => this.ports.find((port) => port.label === label),
      explainMissing: (label) => `no port ${label}`,
    },
    {
      key: 'things',
      identityOf: ({ name }) => name,
      groupOf: ({ group = 'one' }) => group,
      max: 2,
      limitText: (group) => `2 of group ${group} at most`,
      objectionTo: ({ name }) => (name === 'bad' ? 'is bad' : undefined),
      fades: ({ group }) => group === 'fading',
      add: (entry, port) => {
        if (this.isFull) return Promise.resolve(false);
        this.told.push(`add ${entry.name}${port === undefined ? '' : ` to ${port.id}`}`);
        return Promise.resolve(true);
      },
      remove: (name) => {
        this.told.push(`remove ${name}`);
        return Promise.resolve(false);
      },
    },
  );

  /** Commands to the data plane since the last call. */
  news(): string[] {
    return this.told.splice(0);
  }
}

const a: Entry = { name: 'a', port: 'tap0' };
const b: Entry = { name: 'b', port: 'tap1' };
const c: Entry = { name: 'c' };

describe('the static entries of a table', () => {
  test('become the wanted ones: the data plane gets only the difference', async () => {
    const harness = new Harness();
    const { entries } = harness;
    await entries.set([a, c]);
    expect(harness.news()).toEqual(['add a to 0', 'add c']);
    await entries.set([a, c]);
    expect(harness.news()).toEqual([]);
    await entries.set([{ ...a, value: 1 }, b]);
    expect(harness.news()).toEqual(['remove c', 'add a to 0', 'add b to 1']);
    await entries.set([{ ...a, value: 1, port: 'tap1' }]);
    expect(harness.news()).toEqual(['remove b', 'add a to 1']);
    expect(entries.list()).toEqual([{ ...a, value: 1, port: 'tap1' }]);
  });

  test('include entries that were added one by one, the last of each identity', async () => {
    const { entries } = new Harness();
    await entries.add(a);
    await entries.add({ ...a, port: 'tap1' });
    await entries.add(c);
    expect(entries.list()).toEqual([{ ...a, port: 'tap1' }, c]);
  });

  test('can be removed, also if the data plane no longer has them', async () => {
    const { entries } = new Harness();
    await entries.add(c);
    expect(await entries.remove('c')).toBe(true);
    expect(await entries.remove('c')).toBe(false);
    expect(entries.list()).toEqual([]);
  });

  test('are removed with their port, also if another port takes its name', async () => {
    const { entries, ports } = new Harness();
    await entries.set([a, b, { ...c, group: 'other' }]);
    ports.splice(0, 1, { id: 7, label: 'tap0' });
    expect(entries.list()).toEqual([b, { ...c, group: 'other' }]);
  });

  test.each<[string, readonly Entry[], string]>([
    ['a port that there is not', [c, { name: 'd', port: 'tap9' }], 'things: d: no port tap9'],
    ['what cannot be', [c, { name: 'bad' }], 'things: bad: is bad'],
    ['too many', [a, b, c], 'things: 2 of group one at most'],
  ])('are refused as a whole for %s', async (_, wanted, reason) => {
    const harness = new Harness();
    await harness.entries.set([a]);
    harness.news();
    await expect(harness.entries.set(wanted)).rejects.toThrow(new RequestError('conflict', reason));
    expect(harness.news()).toEqual([]);
    expect(harness.entries.list()).toEqual([a]);
  });

  test('are refused beyond the limit of their group, one by one as well', async () => {
    const harness = new Harness();
    const full = new RequestError('conflict', '2 of group one at most; remove another first');
    await harness.entries.set([a, b]);
    await expect(harness.entries.add(c)).rejects.toThrow(full);
    await harness.entries.add({ ...c, group: 'other' });
    await harness.entries.add({ ...a, value: 1 });
    harness.isFull = true;
    await harness.entries.remove('b');
    await expect(harness.entries.add(b)).rejects.toThrow(full);
    expect(harness.entries.list()).toEqual([
      { ...a, value: 1 },
      { ...c, group: 'other' },
    ]);
  });

  test('may change places between two full groups', async () => {
    const group = 'other';
    const { entries } = new Harness();
    const [d, e] = [
      { name: 'd', group },
      { name: 'e', group },
    ];
    await entries.set([a, b, d, e]);
    const swapped = [{ ...d, group: 'one' }, { ...a, group }, b, e];
    await entries.set(swapped);
    expect(new Set(entries.list())).toEqual(new Set(swapped));
  });

  test('are added again if the data plane may remove them', async () => {
    const harness = new Harness();
    await harness.entries.set([a, { ...b, group: 'fading' }]);
    harness.news();
    await harness.entries.renew();
    expect(harness.news()).toEqual(['add b to 1']);
  });
});
