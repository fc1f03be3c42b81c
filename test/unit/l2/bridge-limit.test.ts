/** A full forwarding database is reported, at a bounded rate. */

import { expect, test } from '@jest/globals';
import { BROADCAST, ethernet, printed, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

test.each([
  ['the table is full', { fdbMax: 4 }],
  ["a port's share is used up", { fdbMaxPerPort: 4 }],
])('reports once a second that %s', (_, options) => {
  const sw = new MemorySwitch(2, options);
  const hear = (index: number) => sw.send(0, ethernet({ to: BROADCAST, from: station(index) }));
  for (let index = 1; index <= 4; index++) hear(index);
  expect(sw.events('limit')).toEqual([]);
  for (let index = 5; index <= 50; index++) hear(index);
  expect(sw.events('limit')).toMatchObject([{ port: 0, mac: printed(station(5)) }]);
  sw.io.advance(1_000);
  hear(51);
  expect(sw.events('limit')).toHaveLength(1);
});
