/**
 * A million numbered frames each way between two hosts. They take the fast path at some times and not at others,
 * because the forwarding database and the ports change all the time.
 */

import { afterEach, expect, jest, test } from '@jest/globals';
import { describeNetns } from '../netns/describe-netns';
import { type FastBench, counts, setFast, startFastBench } from '../netns/support/fast-bench';
import { BROADCAST, frame } from '../netns/support/frame';
import { INTERFACE, python } from '../netns/support/host';
import { Lab } from '../netns/support/lab';
import { numberBothWays } from '../netns/support/number-both-ways';
import { until } from '../netns/support/until';
import { nearEndOf } from '../netns/support/veth';

const MILLION = 1_000_000;
const ALL_ONCE = { received: MILLION, doubled: 0, disordered: 0 };
/** The longest queue of a TAP (`ptr_ring.h`), so that the senders do not wait for the switch. */
const LONG_QUEUE = 'txqueuelen 500000';
/** Second interface of host `b`, and its near end. */
const SECOND = 'eth1';
const NEAR_SECOND = 'second0';

describeNetns('a pair that changes over again and again', () => {
  jest.setTimeout(600_000);
  const lab = new Lab();
  afterEach(() => lab.clear());

  const startQuiet = async (): Promise<FastBench> => {
    const bench = await startFastBench(lab, [], true);
    const { a, b, namespace } = bench;
    for (const host of [a, b]) await namespace.ip(`link set ~${nearEndOf(host)} ${LONG_QUEUE}`);
    return bench;
  };
  const rxFrames = async (bench: FastBench): Promise<number[]> =>
    (await counts(bench)).map(([frames]) => frames as number);

  test('while the database is flushed, and a port loses and gets the fast path', async () => {
    const bench = await startQuiet();
    const [port] = bench.ports as [string];
    const { seen, changes } = await numberBothWays([bench.a, bench.b], MILLION, async () => {
      await bench.client.delete('/v1/fdb');
      await setFast(bench, port, false);
      await setFast(bench, port, true);
    });
    process.stdout.write(`flushed ${changes} times\n`);
    expect(seen).toEqual([ALL_ONCE, ALL_ONCE]);
    expect(changes).toBeGreaterThan(0);
    expect(await rxFrames(bench)).toEqual([MILLION, MILLION]);
  });

  test('while one of both stations moves between two ports', async () => {
    const bench = await startQuiet();
    const { a, b, namespace, client } = bench;
    await namespace.ip(`link add ${NEAR_SECOND} type veth peer name ${SECOND} netns ${b.netns}`);
    await namespace.ip(`link set ${NEAR_SECOND} up`);
    await b.ip(`link set ${SECOND} up`);
    const second = `nic:${NEAR_SECOND}@${namespace.netns}`;
    expect((await client.post('/v1/ports', second)).status).toBe(201);
    await namespace.ip(`link set ~${NEAR_SECOND} ${LONG_QUEUE}`);
    await until(async () => {
      const { body } = await client.get(`/v1/ports/${encodeURIComponent(second)}`);
      return (body as { fast: boolean }).fast;
    }, 'the fast path of the second interface is open');
    // A frame to a station that is not known yet would come to the second interface, too.
    for (const host of [a, b]) await host.send(frame({ from: host.mac, to: BROADCAST }));
    await until(async () => {
      const { text } = await client.get('/v1/fdb');
      return [a, b].every(({ mac }) => text.includes(mac));
    }, 'the switch knows both hosts');
    const moving = frame({ from: b.mac, to: BROADCAST, type: '88b6' });
    const { seen, changes } = await numberBothWays([a, b], MILLION, async () => {
      for (const device of [SECOND, INTERFACE]) {
        await b.mustRun(python('send_frames.py', device), { input: moving });
      }
    });
    process.stdout.write(`moved ${changes} times and back\n`);
    expect(seen).toEqual([ALL_ONCE, ALL_ONCE]);
    expect(changes).toBeGreaterThan(0);
  });
});
