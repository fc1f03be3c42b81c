/** A million numbered frames each way through a hook that is loaded again all the time. Prints the rate. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, jest, test } from '@jest/globals';
import { describeNetns } from '../netns/describe-netns';
import { ControlClient } from '../netns/support/control-client';
import { INTERFACE } from '../netns/support/host';
import { Lab } from '../netns/support/lab';
import { numberBothWays } from '../netns/support/number-both-ways';

const MILLION = 1_000_000;
const ALL_ONCE = { received: MILLION, doubled: 0, disordered: 0 };
/** The longest queue of a TAP (`ptr_ring.h`): a busy machine may keep the switch waiting. */
const LONG_QUEUE = 'txqueuelen 500000';
/** Microseconds between two frames of a sender: more than 100,000 frames/s from both. */
const PAUSE_US = 5;

describeNetns('a hook that is loaded again and again', () => {
  jest.setTimeout(600_000);
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-hook-'));
  const lab = new Lab();
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  test('loses none of a million frames each way', async () => {
    const file = join(folder, 'number.mjs');
    writeFileSync(
      file,
      "export default { match: 'ether proto 0x88b5', frame() { return 'pass'; } };\n",
    );
    const [a, b] = await lab.hosts(2);
    const control = join(folder, 'control.sock');
    await lab.connect([a, b], '--control', control, '--hook', file);
    const client = new ControlClient(control);
    for (const host of [a, b]) await host.ip(`link set ${INTERFACE} ${LONG_QUEUE}`);
    const began = performance.now();
    const { seen, changes } = await numberBothWays(
      [a, b],
      MILLION,
      async () => {
        const reloaded = await client.post('/v1/hooks/reload', { name: 'number' });
        expect(reloaded).toMatchObject({ status: 200 });
      },
      PAUSE_US,
    );
    const seconds = (performance.now() - began) / 1000;
    const rate = Math.round((2 * MILLION) / seconds);
    process.stdout.write(`loaded ${changes} times at ${rate} frames/s\n`);
    expect(seen).toEqual([ALL_ONCE, ALL_ONCE]);
    expect(changes).toBeGreaterThan(0);
  });
});
