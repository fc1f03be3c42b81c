/**
 * Passes whole blocks of a pcapng stream only, so that the file is valid wherever the stream ends.
 *
 * Source: draft-ietf-opsawg-pcapng 3.1: bytes 4 to 7 of a block are its length.
 */

import { Transform, type TransformCallback } from 'node:stream';

const LENGTH_AT = 4;
const LENGTH_END = 8;

/** @returns the whole blocks at the beginning of the bytes, and the bytes behind them */
export function splitBlocks(bytes: Buffer): { readonly blocks: Buffer[]; readonly rest: Buffer } {
  const blocks: Buffer[] = [];
  let end = 0;
  while (end + LENGTH_END <= bytes.length) {
    const blockBytes = bytes.readUInt32LE(end + LENGTH_AT);
    if (end + blockBytes > bytes.length) break;
    blocks.push(bytes.subarray(end, end + blockBytes));
    end += blockBytes;
  }
  return { blocks, rest: bytes.subarray(end) };
}

export class WholeBlocks extends Transform {
  private held: Buffer = Buffer.alloc(0);

  /** @param onBlock called for each block that is passed on */
  constructor(private readonly onBlock?: (block: Buffer) => void) {
    super();
  }

  override _transform(chunk: Buffer, _: BufferEncoding, done: TransformCallback): void {
    const bytes = Buffer.concat([this.held, chunk]);
    const { blocks, rest } = splitBlocks(bytes);
    for (const block of blocks) this.onBlock?.(block);
    this.held = rest;
    done(null, bytes.subarray(0, bytes.length - rest.length));
  }
}
