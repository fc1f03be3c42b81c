/**
 * A running device under test between its hosts.
 */

import type { Dut, RunningDut } from './duts/dut';
import { dressHosts, makeSite, removeSite, type Host, type Shape, type Site } from './lab';
import { sendAndCount, stationsOf, teach, type Counted } from './traffic/frames';

export interface Instance {
  dut: Dut;
  site: Site;
  hosts: readonly Host[];
  running: RunningDut;
  /** Time at which the device was ready, as `performance.now()`. */
  readyMs: number;
}

/** Milliseconds of warm-up: a just-in-time compiler sees a hundred thousand frames in this time. */
const WARM_UP_MS = 300;

/** Starts a device. It has forwarded no frame yet. */
export async function openInstance(dut: Dut, shape: Shape): Promise<Instance> {
  const site = await makeSite(shape);
  let running: RunningDut | undefined;
  try {
    running = await dut.start(site);
    const readyMs = performance.now();
    await dressHosts(site);
    return { dut, site, hosts: site.hosts, running, readyMs };
  } catch (error) {
    await running?.stop();
    await removeSite(site);
    throw error;
  }
}

export async function closeInstance(instance: Instance): Promise<void> {
  await instance.running.stop();
  await removeSite(instance.site);
}

/** Opens an instance, uses it, and closes it whatever happens. */
export async function withInstance<T>(
  dut: Dut,
  shape: Shape,
  use: (instance: Instance) => Promise<T>,
): Promise<T> {
  const instance = await openInstance(dut, shape);
  try {
    return await use(instance);
  } finally {
    await closeInstance(instance);
  }
}

/** Sends frames that are not counted. */
export async function warmUp(instance: Instance): Promise<void> {
  await oneWay(instance, { milliseconds: WARM_UP_MS });
}

/** How a one-way trial differs from 60-byte frames to one station at full speed. */
export interface OneWay {
  milliseconds: number;
  sizesBytes?: readonly number[];
  rate?: number;
  destinations?: number;
}

/** Teaches the second host's stations, then sends from the first host to them. */
export async function oneWay(instance: Instance, options: OneWay): Promise<Counted> {
  const { milliseconds, destinations = 1, ...rest } = options;
  const [from, to] = instance.hosts as [Host, Host];
  await teach(to, from, stationsOf(to, destinations));
  await teach(from, to, stationsOf(from));
  const ends = { source: stationsOf(from), destination: stationsOf(to, destinations) };
  return sendAndCount([to], [{ from, ...ends, ...rest }], { milliseconds });
}

/** Frames per second that a one-way trial delivers. */
export async function deliveredRate(instance: Instance, options: OneWay): Promise<number> {
  const { receivedFrames, elapsedS } = await oneWay(instance, options);
  return receivedFrames[0]! / elapsedS;
}
