import { SocketAddress } from 'node:net';
import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { formatIpv6 } from '../../../src/wire/ipv6';
import { toHex } from '../../support/room-harness';

/** Groups of an address. Many are zero, so that the text can be shortened. */
const group = fc.oneof(fc.constant(0), fc.constant(0), fc.integer({ min: 0, max: 0xffff }));
const address = fc
  .array(group, { minLength: 8, maxLength: 8 })
  .map((groups) => Uint8Array.from(groups.flatMap((word) => [word >>> 8, word & 0xff])))
  // Node writes these with an IPv4 tail, which RFC 5952 section 5 only allows for known prefixes.
  .filter((bytes) => bytes.subarray(0, 10).some((byte) => byte !== 0));

test('IPv6 text is the same as that of Node', () => {
  fc.assert(
    fc.property(address, (bytes) => {
      const long = (toHex(bytes).match(/.{4}/g) ?? []).join(':');
      const expected = new SocketAddress({ address: long, family: 'ipv6' }).address;
      expect(formatIpv6(bytes)).toBe(expected);
    }),
  );
});
