/** The rooms of ARP and ND as tests make them: around a switch with one MAC, and with what a test gives. */

import { Arp, type ArpOptions } from '../../src/arp/arp';
import { Inspection, type InspectionOptions } from '../../src/hosts/inspection';
import type { HostNews } from '../../src/hosts/news';
import { OwnAddresses } from '../../src/hosts/own-addresses';
import { Nd, type NdOptions } from '../../src/nd/nd';
import { type IpKey, ipKeyOf, linkLocalKey } from '../../src/wire/ip-key';
import { parseIpAddress } from '../../src/wire/ip-text';
import { type MacWords, parseMac } from '../../src/wire/mac';
import { ARP, type AddressFamily, SWITCH } from './address-family';
import { printed } from './ethernet';
import { CountingSink } from './room-harness';

export { SWITCH };

export type RoomOptions = Partial<
  Omit<ArpOptions & NdOptions, 'mac' | 'ownIpv4' | 'ownIpv6' | 'news'>
> & {
  /** Takes what the room tells. */
  readonly news?: HostNews[];
};

export function makeArp({ news = [], ...options }: RoomOptions = {}): Arp {
  const tell = (told: HostNews): void => void news.push(told);
  const ownIpv4 = new OwnAddresses({ news: tell });
  const mac = wordsOf(SWITCH);
  return new Arp({ mac, counters: new CountingSink(), ...options, ownIpv4, news: tell });
}

export function makeNd({ news = [], ...options }: RoomOptions = {}): Nd {
  const tell = (told: HostNews): void => void news.push(told);
  const mac = wordsOf(SWITCH);
  const ownIpv6 = new OwnAddresses({ news: tell, companion: linkLocalKey(mac) });
  return new Nd({ mac, counters: new CountingSink(), ...options, ownIpv6, news: tell });
}

/** The room of one address family. */
export function makeRoom(family: AddressFamily, options: RoomOptions = {}): Arp | Nd {
  return family === ARP ? makeArp(options) : makeNd(options);
}

/** Inspection that is on, counts into `refusals`, and trusts the ports given. */
export function inspect(
  refusals: CountingSink,
  trusted: readonly number[],
  options: Partial<InspectionOptions> = {},
): Inspection {
  const news = (): void => undefined;
  const sink = { drop: refusals.count.bind(refusals) };
  const inspection = new Inspection({ maxPorts: 8, sink, news, ...options });
  inspection.begin();
  for (const port of trusted) inspection.setTrusted(port, true);
  return inspection;
}

/** The key of an address of either family. */
export function keyOf(address: string): IpKey {
  const bytes = parseIpAddress(address);
  if (bytes === undefined) throw new TypeError(`${address} is no IP address`);
  return ipKeyOf(bytes);
}

/** The words of six bytes of hex. */
export function wordsOf(mac: string): MacWords {
  return parseMac(printed(mac)) as MacWords;
}
