import { beforeEach, describe, expect, test } from '@jest/globals';
import { type BridgePortSettings, PortState, PortTable } from '../../../src/l2/port-table';

const SETTINGS: BridgePortSettings = {
  name: 'tap0',
  mtuBytes: 1500,
  takesOffloads: false,
  isUp: true,
};

let table: PortTable;

beforeEach(() => {
  table = new PortTable(1_000);
});

describe('PortTable', () => {
  test('knows a port by its id', () => {
    table.add(3, { ...SETTINGS, name: 'tap0@red', takesOffloads: true });
    expect(table.has(3)).toBe(true);
    expect(table.name(3)).toBe('tap0@red');
    expect(table.isUp(3)).toBe(true);
    expect(table.takesOffloads(3)).toBe(true);
    expect(table.has(2)).toBe(false);
    expect(table.name(2)).toBe('#2');
    expect(table.isUp(2)).toBe(false);
  });

  test.each([-1, 1_000, 1.5, Number.NaN])('refuses the id %d', (port) => {
    expect(() => table.add(port, SETTINGS)).toThrow(`port id ${port}: not in 0 … 999`);
  });

  test('refuses an id that is in use, and leaves it as it was', () => {
    table.add(0, SETTINGS);
    expect(() => table.add(0, { ...SETTINGS, name: 'other', isUp: false })).toThrow(
      'port id 0: in use',
    );
    expect(table.name(0)).toBe('tap0');
    expect(table.isUp(0)).toBe(true);
  });

  test('lists the forwarding ports in ascending order, whatever the order of events', () => {
    for (const port of [700, 2, 31, 32, 999]) table.add(port, SETTINGS);
    table.add(5, { ...SETTINGS, isUp: false });
    expect(Array.from(table.forwarding)).toEqual([2, 31, 32, 700, 999]);
    expect(table.ids()).toEqual([2, 5, 31, 32, 700, 999]);
    table.setUp(31, false);
    table.setUp(5, true);
    table.remove(700);
    expect(Array.from(table.forwarding)).toEqual([2, 5, 32, 999]);
    expect(table.ids()).toEqual([2, 5, 31, 32, 999]);
  });

  test('reuses an id without a trace of its former port', () => {
    table.add(0, { ...SETTINGS, takesOffloads: true, mtuBytes: 9000 });
    table.remove(0);
    expect(table.has(0)).toBe(false);
    expect(table.isUp(0)).toBe(false);
    table.add(0, { ...SETTINGS, name: 'tap9', isUp: false });
    expect(table.name(0)).toBe('tap9');
    expect(table.isUp(0)).toBe(false);
    expect(table.takesOffloads(0)).toBe(false);
    table.setUp(0, true);
    expect(table.longestFrame(0)).toBe(1518);
  });

  test('a port that is down takes no frame, and keeps its MTU', () => {
    table.add(0, { ...SETTINGS, isUp: false });
    expect(table.longestFrame(0)).toBe(0);
    table.setMtu(0, 9000);
    expect(table.longestFrame(0)).toBe(0);
    table.setUp(0, true);
    expect(table.longestFrame(0)).toBe(9018);
  });

  test.each([
    [68, 86],
    [1500, 1518],
    [9000, 9018],
    [65_521, 65_539],
  ])('an MTU of %d bytes lets frames of %d bytes out', (mtuBytes, longestBytes) => {
    table.add(0, SETTINGS);
    table.setMtu(0, mtuBytes);
    expect(table.longestFrame(0)).toBe(longestBytes);
  });

  test('a port that refused an offload gets no offloads, until they are switched on again', () => {
    table.add(0, { ...SETTINGS, takesOffloads: true });
    table.add(1, { ...SETTINGS, takesOffloads: true });
    table.setOffloads(0, false);
    expect([table.takesOffloads(0), table.takesOffloads(1)]).toEqual([false, true]);
    table.setOffloads(0, true);
    expect(table.takesOffloads(0)).toBe(true);
  });
});

describe('the state of a port', () => {
  const { Disabled, Discarding, Forwarding, Learning } = PortState;

  test.each([
    ['disabled', Disabled, false, false],
    ['discarding', Discarding, false, false],
    ['learning', Learning, true, false],
    ['forwarding', Forwarding, true, true],
  ])('%s', (_title, state, learns, forwards) => {
    table.add(3, SETTINGS);
    table.setState(3, state);
    expect(table.state(3)).toBe(state);
    expect(table.isUp(3)).toBe(true);
    expect([table.learns(3), table.forwards(3)]).toEqual([learns, forwards]);
    expect(Array.from(table.forwarding)).toEqual(forwards ? [3] : []);
    expect(table.longestFrame(3)).toBe(1518);
  });

  test('is forwarding by default, and again when its id is reused', () => {
    table.add(0, SETTINGS);
    expect(table.state(0)).toBe(Forwarding);
    table.setState(0, Discarding);
    table.remove(0);
    table.add(0, SETTINGS);
    expect(table.state(0)).toBe(Forwarding);
  });

  test('stays while the port is down, although the port neither learns nor forwards', () => {
    table.add(0, SETTINGS);
    table.setState(0, Learning);
    table.setUp(0, false);
    expect([table.state(0), table.learns(0), table.forwards(0)]).toEqual([Learning, false, false]);
    table.setUp(0, true);
    expect([table.state(0), table.learns(0), table.forwards(0)]).toEqual([Learning, true, false]);
  });

  test('counts how often a port began to forward', () => {
    table.add(0, SETTINGS);
    table.add(1, { ...SETTINGS, isUp: false });
    expect(table.beganCount).toBe(1);
    table.setState(0, Forwarding);
    table.setState(1, Learning);
    table.setUp(1, true);
    expect(table.beganCount).toBe(1);
    table.setState(1, Forwarding);
    table.setUp(0, false);
    table.setUp(0, true);
    expect(table.beganCount).toBe(3);
  });
});
