/**
 * Lets only whole blocks of a pcapng stream pass, so that a file is right wherever the stream ends.
 *
 * Source: draft-ietf-opsawg-pcapng 3.1: a block says its length in bytes 4 to 7.
 */

import { Transform, type TransformCallback } from 'node:stream';

const LENGTH_AT = 4;
const LENGTH_END = 8;

export class WholeBlocks extends Transform {
  private held: Buffer = Buffer.alloc(0);

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const bytes = Buffer.concat([this.held, chunk]);
    let end = 0;
    while (end + LENGTH_END <= bytes.length) {
      const blockBytes = bytes.readUInt32LE(end + LENGTH_AT);
      if (end + blockBytes > bytes.length) break;
      end += blockBytes;
    }
    this.held = bytes.subarray(end);
    done(null, bytes.subarray(0, end));
  }
}
