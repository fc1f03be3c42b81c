/** Advertisements of virtual routers: VRRPv3 (RFC 9568 5) and CARP, as hex. */

import { internetChecksum, ipHex, ipv6Frame, word } from '../../support/ip-frames';
import { frame } from './frame';
import type { Host } from './host';

/** MAC of a virtual router, group 7: RFC 9568 7.3. CARP uses the same for IPv4. */
export const VIRTUAL_MAC = '00:00:5e:00:01:07';
export const VIRTUAL_MAC_V6 = '00:00:5e:00:02:07';
export const VIRTUAL_IP = '192.0.2.99';

/** Groups of VRRP: 224.0.0.18, which CARP uses, too, and ff02::12. */
const GROUP = { ip: '224.0.0.18', mac: '01:00:5e:00:00:12' };
const GROUP_V6 = { ip: 'ff02::12', mac: '33:33:00:00:00:12' };
const PROTOCOL = '70';

/** VRRP: version 3, advertisement, group 7, priority 100, one address, each second. */
const VRRP = `31076401 0064`.replace(' ', '');
/** CARP: version 2, advertisement, group 7, skew 0, 7 words of authentication, each second. */
const CARP = '21070007 00010000'.replace(' ', '') + '00'.repeat(28);

export const vrrpAdvertisement = (host: Host): string =>
  ipv4Advertisement(host, `${VRRP}0000${ipHex(VIRTUAL_IP)}`);

export const carpAdvertisement = (host: Host): string => ipv4Advertisement(host, CARP);

export function vrrpAdvertisementV6(host: Host): string {
  return ipv6Frame({
    to: GROUP_V6.mac,
    from: VIRTUAL_MAC_V6,
    source: `fe80::${host.number.toString(16)}`,
    destination: GROUP_V6.ip,
    nextHeader: PROTOCOL,
    payload: `${VRRP}0000${ipHex('2001:db8::99')}`,
  });
}

function ipv4Advertisement(host: Host, message: string): string {
  const addresses = ipHex(host.ipv4) + ipHex(GROUP.ip);
  const start = `45c0${word(20 + message.length / 2)}00000000ff${PROTOCOL}`;
  const header = start + internetChecksum(`${start}0000${addresses}`) + addresses;
  const lengthBytes = 14 + (header + message).length / 2;
  const payload = header + message;
  return frame({ to: GROUP.mac, from: VIRTUAL_MAC, type: '0800', payload, lengthBytes });
}
