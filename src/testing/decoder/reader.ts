/** Reads the fields of a frame one after the other. Reading past the end throws `CutOff`. */

import { formatIpv6 } from '../../wire/ipv6';
import { formatMac, macFromBytes } from '../../wire/mac';

/** The frame ends within a field. */
export class CutOff extends Error {
  override readonly name = 'CutOff';
}

export class Reader {
  private readonly bytes: Buffer;
  private at = 0;

  constructor(bytes: Uint8Array) {
    this.bytes = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** Bytes that are left. */
  get left(): number {
    return this.bytes.length - this.at;
  }

  number(size: 1 | 2 | 4): number {
    return this.take(size).readUIntBE(0, size);
  }

  take(count: number): Buffer {
    if (count < 0 || count > this.left) throw new CutOff();
    this.at += count;
    return this.bytes.subarray(this.at - count, this.at);
  }

  rest(): Buffer {
    return this.take(this.left);
  }

  mac(): string {
    const { hi16, lo32 } = macFromBytes(this.take(6));
    return formatMac(hi16, lo32);
  }

  ipv4(): string {
    return this.take(4).join('.');
  }

  ipv6(): string {
    return formatIpv6(this.take(16));
  }
}
