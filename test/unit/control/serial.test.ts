import { describe, expect, test } from '@jest/globals';
import { Serial } from '../../../src/control/serial';

/** A change that ends when the test ends it. */
class Change {
  readonly make: () => Promise<void>;
  end!: () => void;
  fail!: (error: Error) => void;

  constructor(name: string, began: string[]) {
    const ended = new Promise<void>((resolve, reject) => {
      this.end = resolve;
      this.fail = reject;
    });
    this.make = () => {
      began.push(name);
      return ended;
    };
  }
}

describe('changes that must not overlap', () => {
  test('each begins when the one before it has ended, also by an error', async () => {
    const began: string[] = [];
    const [a, b, c] = ['a', 'b', 'c'].map((name) => new Change(name, began)) as [
      Change,
      Change,
      Change,
    ];
    const serial = new Serial(3);
    const [first, second, third] = [a, b, c].map(({ make }) => serial.run(make));
    await Promise.resolve();
    expect(began).toEqual(['a']);
    a.fail(new Error('refused'));
    await expect(first).rejects.toThrow('refused');
    expect(began).toEqual(['a', 'b']);
    b.end();
    await second;
    c.end();
    await third;
    expect(began).toEqual(['a', 'b', 'c']);
  });

  test('a change beyond the queue is refused at once and never made; a later one is accepted', async () => {
    const began: string[] = [];
    const running = new Change('running', began);
    const serial = new Serial(2);
    const first = serial.run(running.make);
    const second = serial.run(() => 'second');
    await expect(serial.run(() => began.push('too many'))).rejects.toMatchObject({
      name: 'RequestError',
      kind: 'busy',
      message: '2 changes are under way or wait; try again later',
    });
    running.end();
    await first;
    expect(await second).toBe('second');
    expect(await serial.run(() => 'later')).toBe('later');
    expect(began).toEqual(['running']);
  });
});
