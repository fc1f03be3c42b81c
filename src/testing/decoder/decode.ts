/**
 * The decoder: the fields of a frame as an object, for assertions.
 *
 *     expect(decode(port.received[0]).arp).toMatchObject({ operation: 'reply', senderIp: '192.0.2.1' })
 *
 * It is written for tests, and shares no code with the frame path.
 */

import { decodeBpdu } from './bpdu';
import type { DecodedArp, DecodedFrame } from './decoded';
import { decodeIp } from './ip';
import { CutOff, Reader } from './reader';
import type { VlanTag } from '../frames/ethernet';

type Draft = { -readonly [Key in keyof DecodedFrame]: DecodedFrame[Key] };

const ETHER_TYPE_ARP = 0x0806;
const ETHER_TYPE_IPV4 = 0x0800;
const ETHER_TYPE_IPV6 = 0x86dd;
const TAG_PROTOCOLS: Readonly<Record<number, '802.1Q' | '802.1ad'>> = {
  0x8100: '802.1Q',
  0x88a8: '802.1ad',
};
/** EtherTypes below this are lengths (IEEE 802.3-2022 3.2.6). */
const FIRST_ETHER_TYPE = 0x600;
const ARP_OPERATIONS: Readonly<Record<number, 'request' | 'reply'>> = { 1: 'request', 2: 'reply' };

/** @throws RangeError for fewer than 14 bytes, which are no frame */
export function decode(bytes: Uint8Array): DecodedFrame {
  if (bytes.length < 14) throw new RangeError(`not a frame: ${bytes.length} bytes`);
  const reader = new Reader(bytes);
  const frame: Draft = {
    to: reader.mac(),
    from: reader.mac(),
    tags: [],
    type: reader.number(2),
    payload: new Uint8Array(0),
    isCutOff: false,
  };
  try {
    decodeTags(frame, reader);
    frame.payload = reader.rest();
    Object.assign(frame, decodePacket(frame.type, new Reader(frame.payload), frame));
  } catch (error) {
    if (!(error instanceof CutOff)) throw error;
    frame.isCutOff = true;
  }
  return frame;
}

function decodeTags(frame: Draft, reader: Reader): void {
  const tags: Required<VlanTag>[] = [];
  frame.tags = tags;
  for (;;) {
    const protocol = TAG_PROTOCOLS[frame.type];
    if (protocol === undefined) return;
    const control = reader.number(2);
    tags.push({
      vid: control & 0xfff,
      priority: control >> 13,
      dropEligible: (control & 0x1000) !== 0,
      protocol,
    });
    frame.type = reader.number(2);
  }
}

/** @param frame takes what was decoded before a packet ends too early */
function decodePacket(type: number, reader: Reader, frame: Draft): Partial<DecodedFrame> {
  if (type === ETHER_TYPE_ARP) return decodeArp(reader);
  if (type === ETHER_TYPE_IPV4) return decodeIp(4, reader, frame);
  if (type === ETHER_TYPE_IPV6) return decodeIp(6, reader, frame);
  return type < FIRST_ETHER_TYPE ? decodeBpdu(reader) : {};
}

function decodeArp(reader: Reader): { arp?: DecodedArp } {
  const isEthernetIpv4 = reader.take(6).equals(Buffer.from([0, 1, 8, 0, 6, 4]));
  if (!isEthernetIpv4) return {};
  const operation = reader.number(2);
  return {
    arp: {
      operation: ARP_OPERATIONS[operation] ?? operation,
      senderMac: reader.mac(),
      senderIp: reader.ipv4(),
      targetMac: reader.mac(),
      targetIp: reader.ipv4(),
    },
  };
}
