/** An impairment as an operator writes it. */

import { describe, expect, test } from '@jest/globals';
import {
  fitsChoice,
  formatImpairment,
  impairmentChoice,
  impairmentIdentity,
  impairmentSpec,
} from '../../../../src/config/values/impairment';

const PLAIN = { port: 'tap0', direction: 'out', limit: 1_000 };
const DELAY = { ms: 10, jitterMs: 0, correlation: 0, distribution: 'uniform' };
const always = { probability: 1, correlation: 0 };
const loss = (probability: number, correlation = 0): object => ({
  loss: { kind: 'random', probability, correlation },
});

describe('an impairment', () => {
  test.each<[text: string, spec: object]>([
    ['tap0 out delay 10ms', { ...PLAIN, delay: DELAY }],
    ['  tap0   in  delay 1.5s ', { ...PLAIN, direction: 'in', delay: { ...DELAY, ms: 1_500 } }],
    ['tap0 out delay 250us 50us', { ...PLAIN, delay: { ...DELAY, ms: 0.25, jitterMs: 0.05 } }],
    [
      'tap0 out delay 10msecs 2ms 25% distribution normal',
      {
        ...PLAIN,
        delay: { ...DELAY, jitterMs: 2, correlation: 0.25, distribution: 'normal' },
      },
    ],
    ['tap0 out loss 1%', { ...PLAIN, ...loss(0.01) }],
    ['tap0 out loss', { ...PLAIN, ...loss(1) }],
    ['tap0 out loss random 0.5% 25%', { ...PLAIN, ...loss(0.005, 0.25) }],
    [
      'tap0 out loss gemodel 5%',
      {
        ...PLAIN,
        loss: { kind: 'gemodel', toBad: 0.05, toGood: 0.95, lossInBad: 1, lossInGood: 0 },
      },
    ],
    [
      'tap0 out loss gemodel 5% 50% 75% 25%',
      {
        ...PLAIN,
        loss: { kind: 'gemodel', toBad: 0.05, toGood: 0.5, lossInBad: 0.75, lossInGood: 0.25 },
      },
    ],
    [
      'tap0 out loss state 10% 50% 25% 75% 5%',
      { ...PLAIN, loss: { kind: 'state', p13: 0.1, p31: 0.5, p32: 0.25, p23: 0.75, p14: 0.05 } },
    ],
    [
      'tap0 out duplicate 2% corrupt 0.1% 50%',
      {
        ...PLAIN,
        duplicate: { probability: 0.02, correlation: 0 },
        corrupt: { probability: 0.001, correlation: 0.5 },
      },
    ],
    [
      'tap0 out delay 10ms reorder 25% 50% gap 5',
      { ...PLAIN, delay: DELAY, reorder: { probability: 0.25, correlation: 0.5, gap: 5 } },
    ],
    ['tap0 out delay 10ms reorder', { ...PLAIN, delay: DELAY, reorder: { ...always, gap: 1 } }],
    ['tap0 out rate 10mbit limit 100', { ...PLAIN, rate: 10_000_000, limit: 100 }],
    ['tap0 out rate 1.5mbps', { ...PLAIN, rate: 12_000_000 }],
    ['tap0 out nth 3 loss', { ...PLAIN, nth: 3, ...loss(1) }],
    [
      'eth0@red in loss match (tcp port 80 or arp) and not host 192.0.2.1 every 4',
      {
        ...{ port: 'eth0@red', direction: 'in', limit: 1_000, every: 4, ...loss(1) },
        match: '(tcp port 80 or arp) and not host 192.0.2.1',
      },
    ],
    [
      'stream:/run/a b.sock out at 5s for 30 seed 7 loss 1%',
      {
        ...PLAIN,
        port: 'stream:/run/a b.sock',
        atMs: 5_000,
        forMs: 30_000,
        seed: 7,
        ...loss(0.01),
      },
    ],
  ])('%s', (text, spec) => {
    const read = impairmentSpec.fromText(text);
    expect(read).toEqual(spec);
    expect(impairmentSpec.fromText(formatImpairment(read))).toEqual(spec);
  });

  test('may be a mapping in a file', () => {
    expect(
      impairmentSpec.fromValue({
        ...{ port: 'tap0', direction: 'out', delay: '10ms', nth: 3, at: '5s', for: 10, loss: null },
      }),
    ).toEqual({ ...PLAIN, delay: DELAY, nth: 3, atMs: 5_000, forMs: 10_000, ...loss(1) });
  });

  test.each([
    ['', 'expected PORT in|out WORD...'],
    ['tap0', 'expected PORT in|out WORD...'],
    ['tap0 both loss 1%', 'expected PORT in|out WORD...'],
    ['tap0 out', 'expected delay, loss, duplicate, corrupt, reorder or rate, got none of them'],
    ['tap0 out limit 5', 'expected delay, loss, duplicate, corrupt, reorder or rate, got none'],
    ['tap0 out los 1%', '"los": no such word; did you mean loss?'],
    ['tap0 out loss 1% loss 2%', 'loss is given twice; once is enough'],
    ['tap0 out loss 1', 'loss: expected a percentage from 0% to 100%, such as 0.1%, got "1"'],
    ['tap0 out loss 101%', 'loss: expected a percentage from 0% to 100%, such as 0.1%, got "101%"'],
    ['tap0 out loss -1%', 'loss: expected a percentage from 0% to 100%, such as 0.1%, got "-1%"'],
    ['tap0 out loss gemodel', 'loss: expected a percentage'],
    ['tap0 out loss state 60% 40% 0% 0% 50%', 'loss: p13 and p14 are more than 100% together'],
    ['tap0 out delay', 'delay: expected a time with its unit, at most 3600s, such as 10ms, got ""'],
    [
      'tap0 out delay 10',
      'delay: expected a time with its unit, at most 3600s, such as 10ms, got "10"',
    ],
    ['tap0 out delay 2000m', 'delay: expected a time with its unit'],
    ['tap0 out delay 3601s', 'delay: expected a time with its unit, at most 3600s'],
    ['tap0 out rate 10', 'rate: expected a rate with its unit, at most 1000gbit, such as 10mbit'],
    ['tap0 out rate 0mbit', 'rate: expected a rate with its unit'],
    ['tap0 out rate 10mbit limit 0', 'limit: expected a whole number of frames from 1 to 1000000'],
    ['tap0 out delay 10ms distribution normal', 'distribution: there is no jitter'],
    [
      'tap0 out delay 10ms 1ms distribution gauss',
      'distribution: expected uniform, normal, pareto',
    ],
    ['tap0 out reorder 25%', 'reorder: no frame is held that another could overtake; give a delay'],
    ['tap0 out loss nth 2 every 3', 'nth and every exclude each other; give one of them'],
    ['tap0 out loss nth 0', 'nth: expected a whole number of frames from 1'],
    ['tap0 out loss seed x', 'seed: expected a whole number from 0 to 4294967295, got "x"'],
    ['tap0 out loss for 25h', 'for: expected a time of at most 86400s, such as 5s, got "25h"'],
    ['tap0 out loss match', 'match: expected a filter in the words of tcpdump'],
    ['tap0 out loss match xyzzy', 'match: '],
    ['tap0 out loss constructor', '"constructor": no such word'],
  ])('%p is refused', (text, complaint) => {
    expect(() => impairmentSpec.fromText(text)).toThrow(complaint);
  });

  test.each<[value: unknown, complaint: string]>([
    [7, 'expected PORT in|out WORD...'],
    [{ port: 'tap0', loss: '1%' }, 'expected in or out, got nothing'],
    [
      { port: 'tap0', direction: 'out', loss: ['1%'] },
      'loss: expected a text or a number, got a list',
    ],
    [{ port: 'tap0', direction: 'out', los: '1%' }, '"los": no such word; did you mean loss?'],
  ])('%p is refused in a file', (value, complaint) => {
    expect(() => impairmentSpec.fromValue(value)).toThrow(complaint);
  });
});

describe('the impairments that are chosen', () => {
  const spec = impairmentSpec.fromText('tap0 out loss match arp nth 3');

  test.each([
    ['tap0', true],
    ['tap0 out', true],
    ['tap0 out match arp nth 3', true],
    ['tap0 nth 3', true],
    ['tap1', false],
    ['tap0 in', false],
    ['tap0 out match ip', false],
    ['tap0 every 3', false],
  ])('by %p: %p', (text, isChosen) => {
    expect(fitsChoice(spec, impairmentChoice(text))).toBe(isChosen);
  });

  test('are named by the port, the direction and the frames', () => {
    expect(impairmentIdentity(spec)).toBe('tap0 out match arp nth 3');
  });

  test.each(['', 'tap0 out nth', 'tap0 out match xyzzy'])('%p is refused', (text) => {
    expect(() => impairmentChoice(text)).toThrow();
  });
});
