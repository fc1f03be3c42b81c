/** Ethernet frames for the tests, as hex. */

export const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** IEEE 802 local experimental EtherTypes 1 and 2: nothing in the kernel answers them. */
const EXPERIMENT_1 = '88b5';
const EXPERIMENT_2 = '88b6';

const MIN_PAYLOAD_BYTES = 46;
const MAC_BYTES = 6;

export interface FrameFields {
  readonly to: string;
  readonly from: string;
  /** EtherType, with any tags in front, as hex. */
  readonly type?: string;
  /** Payload as hex. */
  readonly payload?: string;
  /** Length to which the frame is padded with zeros or cut; 60 unless given. */
  readonly lengthBytes?: number;
}

export function frame({ to, from, type, payload = '', lengthBytes = 60 }: FrameFields): string {
  const hex = `${to}${from}`.replaceAll(':', '') + (type ?? EXPERIMENT_1) + payload;
  return hex.padEnd(lengthBytes * 2, '0').slice(0, lengthBytes * 2);
}

/** A broadcast that differs from all other frames of a test. Frames sent before it arrive before it. */
export function marker(from: string, number: number): string {
  const payload = number.toString(16).padStart(MIN_PAYLOAD_BYTES * 2, '0');
  return frame({ to: BROADCAST, from, type: EXPERIMENT_2, payload });
}

/** MAC address 02:00:00:00:hi:lo. */
export function macOf(number: number): string {
  const digits = number.toString(16).padStart((MAC_BYTES - 1) * 2, '0');
  return `02${digits}`.replace(/(..)(?=.)/g, '$1:');
}
