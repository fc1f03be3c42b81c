// A network in a test of Vitest.
//
//     npx vitest run --root examples testing.vitest

import { expect, test } from 'vitest';
import { frame, network } from '../dist/testing/index.js'; // elsewhere: 'tapswitch/testing'

test('a station that is silent for five minutes is forgotten', () => {
  const net = network({ ports: ['alice', 'bob'] });
  net.port('alice').send(frame.ethernet({ from: '02:00:00:00:00:01' }));
  expect(net.stations()).toHaveLength(1);
  net.advance(300_000);
  expect(net.stations()).toEqual([]);
});
