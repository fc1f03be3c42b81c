import { describe, expect, test } from '@jest/globals';
import { Shared } from '../../../src/dataplane/shared';

/** A shared answer whose calls the test ends itself, in the order in which they began. */
function handMade() {
  const open: { resolve: (answer: string) => void; reject: (error: Error) => void }[] = [];
  const shared = new Shared(
    () => new Promise<string>((resolve, reject) => open.push({ resolve, reject })),
  );
  return { shared, open };
}

describe('a shared answer', () => {
  test('is made for the first call, and once more for all calls in the meantime', async () => {
    const { shared, open } = handMade();
    const first = shared.get();
    const later = [shared.get(), shared.get(), shared.get()];
    expect(open).toHaveLength(1);
    open[0]?.resolve('one');
    expect(await first).toBe('one');
    expect(open).toHaveLength(2);
    open[1]?.resolve('two');
    expect(await Promise.all(later)).toEqual(['two', 'two', 'two']);
  });

  test('is made again for a later call', async () => {
    const { shared, open } = handMade();
    const first = shared.get();
    open[0]?.resolve('one');
    await first;
    const second = shared.get();
    open[1]?.resolve('two');
    expect(await second).toBe('two');
  });

  test('that fails rejects the calls that waited for it, and not the next one', async () => {
    const { shared, open } = handMade();
    const first = shared.get();
    const second = shared.get();
    open[0]?.reject(new Error('no'));
    await expect(first).rejects.toThrow('no');
    open[1]?.resolve('two');
    expect(await second).toBe('two');
  });
});
