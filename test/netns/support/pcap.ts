/** Reads the frames in the output of `tcpdump -w -` (draft-ietf-opsawg-pcap), as hex. */

const FILE_HEADER_BYTES = 24;
const RECORD_HEADER_BYTES = 16;
const CAPTURED_LENGTH_AT = 8;
const LENGTH_AT = 12;

/**
 * @param file output so far; an incomplete last record is left out.
 * @throws Error for a frame that is longer than the capture takes
 */
export function framesOf(file: Buffer): string[] {
  const frames: string[] = [];
  let at = FILE_HEADER_BYTES;
  while (at + RECORD_HEADER_BYTES <= file.length) {
    const capturedBytes = file.readUInt32LE(at + CAPTURED_LENGTH_AT);
    const lengthBytes = file.readUInt32LE(at + LENGTH_AT);
    if (capturedBytes < lengthBytes) throw new Error(`a frame of ${lengthBytes} bytes is cut off`);
    const end = at + RECORD_HEADER_BYTES + capturedBytes;
    if (end > file.length) break;
    frames.push(file.toString('hex', at + RECORD_HEADER_BYTES, end));
    at = end;
  }
  return frames;
}
