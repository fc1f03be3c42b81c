/** A port is charged for the work that its frames make. Frames beyond its turn wait or are refused. */

import { describe, expect, test } from '@jest/globals';
import { BROADCAST, ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';
import { toHex } from '../../support/room-harness';
import { buildSuperFrame } from '../../support/super-frame';

const FLOODER = station(0x0a);
const POLITE = station(0x0b);
/** Ports of a switch on which each broadcast makes 255 copies. */
const MANY = 256;
const BURST_FRAMES = 64;

/** A broadcast that is told from others by its number. */
const numbered = (number: number): Uint8Array =>
  Uint8Array.from([...ethernet({ to: BROADCAST, from: FLOODER }), number]);

/** Puts the frames of several ports into one burst. @returns the frames that leave from one port */
function forwardAtOnce(
  sw: MemorySwitch,
  frames: readonly (readonly [port: number, frame: Uint8Array])[],
  listener: number,
): string[] {
  const vnetHeader = new Uint8Array(10);
  for (const [port, bytes] of frames) sw.io.enqueue(sw.port(port), { bytes, vnetHeader });
  sw.io.run();
  return sw.port(listener).received.map(toHex);
}

describe('a burst of broadcasts to many ports', () => {
  const flood = Array.from({ length: BURST_FRAMES - 1 }, (_, number) => numbered(number));
  const polite = ethernet({ to: BROADCAST, from: POLITE });
  const sent = [...flood.map((frame) => [0, frame] as const), [1, polite] as const];

  test('lets the frame of another port overtake the frames beyond its turn', () => {
    const order = forwardAtOnce(new MemorySwitch(MANY), sent, 2);
    expect(order).toHaveLength(BURST_FRAMES);
    // 512 copies are two frames and the beginning of a third.
    expect(order.indexOf(toHex(polite))).toBe(3);
  });

  test('arrives whole, in its order, and is counted once', () => {
    const sw = new MemorySwitch(MANY);
    const order = forwardAtOnce(sw, sent, 2);
    expect(order.filter((frame) => frame !== toHex(polite))).toEqual(flood.map(toHex));
    expect(sw.counts(0)).toMatchObject({
      'rx-frames': flood.length,
      'rx-broadcast': flood.length,
      'rx-flooded': flood.length,
    });
    expect(sw.allDrops()).toEqual({});
  });

  test('to few ports keeps its place', () => {
    const order = forwardAtOnce(new MemorySwitch(8), sent, 2);
    expect(order.indexOf(toHex(polite))).toBe(BURST_FRAMES - 1);
  });

  test('is charged for bytes, too', () => {
    const giants = Array.from({ length: 2 }, () => {
      const giant = new Uint8Array(60_000);
      giant.set(ethernet({ to: BROADCAST, from: FLOODER }));
      return [0, giant] as const;
    });
    // 40 copies of 15 units each are a turn.
    const sw = new MemorySwitch(42, {}, { mtuBytes: 65_000 });
    const order = forwardAtOnce(sw, [...giants, [1, polite]], 2);
    expect(order.indexOf(toHex(polite))).toBe(1);
  });
});

test('waiting frames of a removed port are not sent as those of the next port with its id', () => {
  const sw = new MemorySwitch(MANY);
  const { burst } = sw.bridge;
  for (let number = 0; number < 4; number++) {
    sw.io.enqueue(sw.port(0), { bytes: numbered(number), vnetHeader: new Uint8Array(10) });
  }
  burst.begin(sw.io.receive());
  sw.bridge.forward();
  sw.bridge.finish();
  expect(burst.deferredCount).toBe(1);
  sw.bridge.removePort(0);
  expect(burst.deferredCount).toBe(0);
});

describe('a super-frame', () => {
  const superFrame = (segments: number): ReturnType<typeof buildSuperFrame> =>
    buildSuperFrame({
      ipVersion: 4,
      transport: 'tcp',
      gsoSizeBytes: 8,
      payloadBytes: 8 * segments,
    });

  /** Sends one to a station that is known, or else to everybody. The last port takes offloads. */
  function sendTo(segments: number, ports: number, isKnown: boolean): MemorySwitch {
    const sw = new MemorySwitch(ports - 1);
    sw.addPort({ takesOffloads: true });
    // Its destination is 02:00:00:00:00:0b.
    if (isKnown) sw.bridge.fdb.addStatic(0x0002, 0x0b000000, 0, 1, 0);
    const { vnet, frame } = superFrame(segments);
    sw.port(0).sendOffloaded(vnet, frame);
    return sw;
  }

  const CASES = [
    { to: 'one port', ports: 4, isKnown: true, most: 512, reached: [1] },
    { to: 'three', ports: 4, isKnown: false, most: 128, reached: [1, 2] },
    { to: 'eleven', ports: 12, isKnown: false, most: 64, reached: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] },
  ];

  test.each(CASES)('becomes $most frames for $to', ({ ports, isKnown, most, reached }) => {
    const sw = sendTo(most, ports, isKnown);
    for (const port of reached) expect(sw.port(port).received).toHaveLength(most);
    expect(sw.port(ports - 1).received).toHaveLength(isKnown ? 0 : 1);
    expect(sw.allDrops()).toEqual({});
  });

  test.each(CASES)('is refused for $to if it would become more', (given) => {
    const { ports, isKnown, most, reached } = given;
    const sw = sendTo(most + 1, ports, isKnown);
    for (const port of reached) expect(sw.port(port).received).toEqual([]);
    // The super-frame is sent whole to the port with offloads.
    expect(sw.port(ports - 1).received).toHaveLength(isKnown ? 0 : 1);
    const refused = { 'too-many-segments': 1 };
    expect(sw.allDrops()).toEqual(Object.fromEntries(reached.map((port) => [port, refused])));
  });
});
