/** Super-frames of every kind that a port may receive, for properties and samples. */

import fc from 'fast-check';
import type { SuperFrame } from './super-frame';

const byte = fc.nat(0xff);
const word = fc.nat(0xffff);

function bytes(units: number, unitBytes: number): fc.Arbitrary<number[]> {
  return fc
    .nat(units)
    .chain((count) =>
      fc.array(byte, { minLength: count * unitBytes, maxLength: count * unitBytes }),
    );
}

/** Hop-by-hop, routing, destination options; the routing header has no segments left. */
const extension = fc.record({
  type: fc.constantFrom(0, 43, 60),
  body: bytes(3, 8).map((rest) => [0, 0, 0, 0, 0, 0, ...rest]),
});

export const superFrame: fc.Arbitrary<SuperFrame> = fc.record({
  ipVersion: fc.constantFrom(4, 6),
  transport: fc.constantFrom('tcp', 'udp'),
  payloadBytes: fc.nat(5000),
  /** UDP takes 128 segments at most. */
  gsoSizeBytes: fc.integer({ min: 40, max: 6000 }),
  tags: fc.array(fc.tuple(fc.constantFrom(0x8100, 0x88a8), word), { maxLength: 7 }),
  ipv4Options: bytes(10, 4),
  identification: word,
  dontFragment: fc.boolean(),
  ipv6Extensions: fc.array(extension, { maxLength: 3 }),
  trafficClass: byte,
  tcpOptions: bytes(10, 4),
  tcpFlags: byte,
  sequence: fc.nat(0xffffffff),
  needsChecksum: fc.boolean(),
});
