/** The mark of hooks in shared memory, and the watchdog that reads it. */

import { describe, expect, test } from '@jest/globals';
import { HookMark } from '../../../src/dataplane/hook-mark';
import { HookWatchdog } from '../../../src/dataplane/hook-watchdog';

/** A watchdog over a mark. `looks` has it read the mark a number of times. */
function watch(): { mark: HookMark; looks: (count: number) => number; givenUp: number[] } {
  const mark = new HookMark();
  const givenUp: number[] = [];
  let interruptions = 0;
  const watchdog = new HookWatchdog(
    new HookMark(mark.memory),
    () => interruptions++,
    (hook) => givenUp.push(hook),
  );
  const looks = (count: number): number => {
    for (let look = 0; look < count; look++) watchdog.look();
    return interruptions;
  };
  return { mark, looks, givenUp };
}

describe('the watchdog', () => {
  test('ends a call that it sees five times in a row, once', () => {
    const { mark, looks } = watch();
    mark.enter(1);
    expect(looks(4)).toBe(0);
    expect(looks(1)).toBe(1);
    expect(looks(10)).toBe(1);
    mark.clear();
    mark.enter(2);
    expect(looks(5)).toBe(2);
  });

  test('tells two calls of one hook apart', () => {
    const { mark, looks } = watch();
    for (let call = 0; call < 10; call++) {
      mark.enter(1);
      expect(looks(4)).toBe(0);
      mark.leave(1);
    }
  });

  test('gives up once, where a call that is being ended goes on for a hundred looks more', () => {
    const { mark, looks, givenUp } = watch();
    mark.enter(3);
    looks(5 + 99);
    expect(givenUp).toEqual([]);
    looks(1);
    expect(givenUp).toEqual([3]);
    looks(200);
    expect(givenUp).toEqual([3]);
  });

  test('does not give up where the call is unwound, however often that happens', () => {
    const { mark, looks, givenUp } = watch();
    for (let hook = 1; hook <= 3; hook++) {
      mark.enter(hook);
      looks(5 + 60);
      mark.clear();
      looks(1);
    }
    expect(givenUp).toEqual([]);
  });

  test('does nothing while no hook runs', () => {
    const { mark, looks } = watch();
    expect(looks(10)).toBe(0);
    mark.enter(1);
    mark.leave(1);
    expect(looks(10)).toBe(0);
  });

  test('watches the load of a module', () => {
    const mark = new HookMark();
    expect(mark.load(() => mark.call)).toBe(1);
    expect(mark.call).toBe(0);
  });
});

describe('the mark', () => {
  test('is free again when a load fails', () => {
    const mark = new HookMark();
    const fails = (): void => {
      throw new Error('no such file');
    };
    expect(() => mark.load(fails)).toThrow('no such file');
    expect(mark.call).toBe(0);
    expect(mark.claim()).toBe(0);
  });
});
