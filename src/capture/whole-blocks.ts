/**
 * Passes whole blocks of a pcapng stream only, so that the file is valid wherever the stream ends.
 *
 * Source: draft-ietf-opsawg-pcapng 3.1: bytes 4 to 7 of a block are its length.
 */

import { Transform, type TransformCallback } from 'node:stream';

const LENGTH_AT = 4;
const LENGTH_END = 8;

export class WholeBlocks extends Transform {
  private held: Buffer = Buffer.alloc(0);

  /** @param onBlock called for each block that is passed on */
  constructor(private readonly onBlock?: (block: Buffer) => void) {
    super();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const bytes = Buffer.concat([this.held, chunk]);
    let end = 0;
    while (end + LENGTH_END <= bytes.length) {
      const blockBytes = bytes.readUInt32LE(end + LENGTH_AT);
      if (end + blockBytes > bytes.length) break;
      this.onBlock?.(bytes.subarray(end, end + blockBytes));
      end += blockBytes;
    }
    this.held = bytes.subarray(end);
    done(null, bytes.subarray(0, end));
  }
}
