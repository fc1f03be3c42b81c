/** Reads the frames in the output of `tcpdump -w -` (draft-ietf-opsawg-pcap), as hex. */

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CAPTURED_LENGTH_AT = 8;

/** @param file output so far; an incomplete last record is left out. */
export function framesOf(file: Buffer): string[] {
  const frames: string[] = [];
  let at = FILE_HEADER_BYTES;
  while (at + RECORD_HEADER_BYTES <= file.length) {
    const end = at + RECORD_HEADER_BYTES + file.readUInt32LE(at + CAPTURED_LENGTH_AT);
    if (end > file.length) break;
    frames.push(file.toString('hex', at + RECORD_HEADER_BYTES, end));
    at = end;
  }
  return frames;
}
