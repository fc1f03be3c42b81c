/** Writes queries into frames that the outbox reserves. */

import type { Outbox } from '../frame/outbox';
import {
  DESTINATION,
  ETHER_TYPE,
  ETHER_TYPE_IPV4,
  ETHER_TYPE_IPV6,
  PAYLOAD,
  SOURCE,
  putI32,
  putMac,
} from '../wire/ethernet';
import { DESTINATION_ADDRESS as IPV4_DESTINATION } from '../wire/ipv4';
import { DESTINATION_ADDRESS as IPV6_DESTINATION, IPV6_ADDRESS_BYTES } from '../wire/ipv6';
import {
  type QueryText,
  finishIgmpQuery,
  igmpQueryBytes,
  igmpQuerySourceAt,
  putIgmpQuery,
} from '../wire/igmp';
import { type IpKey, ipv4OfKey, putIpv6Key } from '../wire/ip-key';
import type { MacWords } from '../wire/mac';
import { finishMldQuery, mldQueryBytes, mldQuerySourceAt, putMldQuery } from '../wire/mld';
import { i32At, u8At } from '../wire/read';

/** Sender of the queries: MAC of the switch, and its address of the family. */
export interface Speaker {
  readonly mac: MacWords;
  readonly source: IpKey;
}

/** Makes a query of IGMP. @param group `undefined` for a general query @returns the frame, or -1 */
export function makeIgmpQuery(
  outbox: Outbox,
  { mac, source }: Speaker,
  text: QueryText,
  group: IpKey | undefined,
  sources: readonly IpKey[],
): number {
  const frame = makeFrame(
    outbox,
    igmpQueryBytes(text.version, sources.length),
    mac,
    ETHER_TYPE_IPV4,
  );
  if (frame < 0) return frame;
  const { u8, u16, offset } = outbox.burst;
  const at = i32At(offset, frame);
  const ip = at + PAYLOAD;
  const address = group === undefined ? 0 : ipv4OfKey(group);
  putIgmpQuery(u8, u16, ip, text, ipv4OfKey(source), address, sources.length);
  sources.forEach((key, index) => putI32(u8, igmpQuerySourceAt(ip, index), ipv4OfKey(key)));
  finishIgmpQuery(u8, u16, ip);
  // 01-00-5E and the last 23 bits of the group: RFC 1112 section 6.4.
  u8[at + DESTINATION] = 0x01;
  u8[at + DESTINATION + 1] = 0x00;
  u8[at + DESTINATION + 2] = 0x5e;
  u8[at + DESTINATION + 3] = u8At(u8, ip + IPV4_DESTINATION + 1) & 0x7f;
  u8[at + DESTINATION + 4] = u8At(u8, ip + IPV4_DESTINATION + 2);
  u8[at + DESTINATION + 5] = u8At(u8, ip + IPV4_DESTINATION + 3);
  return frame;
}

/** The key of `::`, which stands for no group. */
const GENERAL: IpKey = new Int32Array(4);

/** Makes a query of MLD. @param group `undefined` for a general query @returns the frame, or -1 */
export function makeMldQuery(
  outbox: Outbox,
  { mac, source }: Speaker,
  text: QueryText,
  group: IpKey | undefined,
  sources: readonly IpKey[],
): number {
  const frame = makeFrame(
    outbox,
    mldQueryBytes(text.version, sources.length),
    mac,
    ETHER_TYPE_IPV6,
  );
  if (frame < 0) return frame;
  const { u8, u16, offset } = outbox.burst;
  const at = i32At(offset, frame);
  const ip = at + PAYLOAD;
  putMldQuery(u8, ip, text, source, group ?? GENERAL, sources.length);
  sources.forEach((key, index) => putIpv6Key(u8, mldQuerySourceAt(ip, index), key));
  finishMldQuery(u8, u16, ip);
  // 33-33 and the last four bytes of the group: RFC 2464 section 7.
  u8[at + DESTINATION] = 0x33;
  u8[at + DESTINATION + 1] = 0x33;
  const last = ip + IPV6_DESTINATION + IPV6_ADDRESS_BYTES - 4;
  u8.copyWithin(at + DESTINATION + 2, last, last + 4);
  return frame;
}

/** Makes a frame of the switch without its destination and packet. @returns the frame, or -1 */
function makeFrame(
  outbox: Outbox,
  packetBytes: number,
  mac: MacWords,
  etherTypeWord: number,
): number {
  const frame = outbox.make(PAYLOAD + packetBytes);
  if (frame < 0) return frame;
  const { u16, offset } = outbox.burst;
  const at = i32At(offset, frame);
  u16[(at + ETHER_TYPE) >> 1] = etherTypeWord;
  putMac(u16, at + SOURCE, mac.hi16, mac.lo32);
  return frame;
}
