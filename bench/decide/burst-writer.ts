/**
 * Writes frames into a burst, as a receiver does. Each frame has a slot of its own. The switch does
 * not change the bytes of a frame, so a frame can be forwarded over and over.
 */

import type { Burst } from './library';

/** Frames of one burst: the most that one call of the addon receives. */
export const BURST_FRAMES = 64;

/** Size of a slot: a frame, and in front of it the virtio network header, which is zero. */
const SLOT_BYTES = 128;
const SOURCE = 6;
/** Last two bytes of an IPv4 destination behind an untagged Ethernet header. */
const GROUP_END = 32;

export class BurstWriter {
  private readonly u16: Uint16Array;

  constructor(private readonly burst: Burst) {
    this.u16 = new Uint16Array(burst.u8.buffer, burst.u8.byteOffset, burst.u8.byteLength >> 1);
  }

  /** @param bytes the frame from the destination MAC on, at most SLOT_BYTES - 16 bytes */
  put(frame: number, ingress: number, bytes: Uint8Array): void {
    const at = (frame + 1) * SLOT_BYTES;
    this.burst.u8.set(bytes, at);
    this.burst.offset[frame] = at;
    this.burst.length[frame] = bytes.length;
    this.burst.ingress[frame] = ingress;
  }

  putAll(ingress: number, bytes: Uint8Array): void {
    for (let frame = 0; frame < BURST_FRAMES; frame++) this.put(frame, ingress, bytes);
  }

  setIngress(frame: number, port: number): void {
    this.burst.ingress[frame] = port;
  }

  /** @param station number of the station, see {@link macOf} */
  setDestination(frame: number, station: number): void {
    this.setStation((frame + 1) * SLOT_BYTES, station);
  }

  setSource(frame: number, station: number): void {
    this.setStation((frame + 1) * SLOT_BYTES + SOURCE, station);
  }

  /** Sets the last two bytes of the group to which an IPv4 frame is, in its MAC address and its IP address. */
  setGroup(frame: number, number: number): void {
    const at = (frame + 1) * SLOT_BYTES;
    const end = ((number & 0xff) << 8) | (number >> 8);
    this.u16[(at >> 1) + 2] = end;
    this.u16[(at + GROUP_END) >> 1] = end;
  }

  private setStation(at: number, station: number): void {
    this.u16[(at >> 1) + 1] = (station >> 16) << 8;
    this.u16[(at >> 1) + 2] = ((station & 0xff) << 8) | ((station >> 8) & 0xff);
  }
}

/** Station number n has MAC address 02:00:00 and n in three bytes, as in framegen.c. */
export const macOf = (station: number): number[] => [
  ...[0x02, 0, 0],
  ...[station >> 16, (station >> 8) & 0xff, station & 0xff],
];
