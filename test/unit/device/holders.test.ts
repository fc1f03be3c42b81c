import { describe, expect, test } from '@jest/globals';
import { type HeldDevice, holdersOf } from '../../../src/device/holders';

const RED = '4:100';
const GREEN = '4:200';

function held(pid: number, device: string, netnsId?: string): HeldDevice {
  return { pid, program: `program${pid}`, device, netnsId };
}

describe('the holders of a device', () => {
  test('are found by its name and namespace', () => {
    const all = [held(1, 'tap0', RED), held(2, 'tap0', GREEN), held(3, 'tap1', RED)];
    expect(holdersOf(all, { name: 'tap0', netnsId: RED })).toEqual([
      { pid: 1, program: 'program1' },
    ]);
  });

  test('are listed once, even with several queues', () => {
    const all = [held(1, 'tap0', RED), held(1, 'tap0', RED), held(2, 'tap0', RED)];
    expect(holdersOf(all, { name: 'tap0', netnsId: RED }).map(({ pid }) => pid)).toEqual([1, 2]);
  });

  test('include those whose namespace is unknown', () => {
    const all = [held(1, 'tap0'), held(2, 'tap1')];
    expect(holdersOf(all, { name: 'tap0', netnsId: RED }).map(({ pid }) => pid)).toEqual([1]);
  });
});
