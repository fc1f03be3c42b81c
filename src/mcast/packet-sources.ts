/** The sources of a record or query in a received packet, read where they lie. */

import { getI32 } from '../wire/ethernet';
import { IPV4_ADDRESS_BYTES } from '../wire/igmp';
import { type IpKey, setIpv4Key, setIpv6Key } from '../wire/ip-key';
import { IPV6_ADDRESS_BYTES } from '../wire/ipv6';
import type { SourceList } from './records';
import { Family } from './contexts';

export class PacketSources implements SourceList {
  count = 0;
  private u8: Uint8Array = new Uint8Array(0);
  private at = 0;
  private family: Family = Family.Ipv4;

  /** @param at arena offset of the first source */
  set(u8: Uint8Array, at: number, count: number, family: Family): this {
    this.u8 = u8;
    this.at = at;
    this.count = count;
    this.family = family;
    return this;
  }

  read(index: number, key: IpKey): void {
    const { u8, at } = this;
    if (this.family === Family.Ipv6) setIpv6Key(key, u8, at + index * IPV6_ADDRESS_BYTES);
    else setIpv4Key(key, getI32(u8, at + index * IPV4_ADDRESS_BYTES));
  }
}
