/** A MAC address that one station may have, in canonical form: lower case with colons. */

import { formatMac, isStation, parseMac } from '../../wire/mac';
import { expected, textRule } from './rule';

const WHAT = 'the MAC address of one station, such as 02:00:00:00:00:01';

/** Source: `is_valid_ether_addr` in the kernel's include/linux/etherdevice.h. */
export const stationMac = textRule(WHAT, (text) => {
  const mac = parseMac(text);
  if (mac === undefined) return undefined;
  if (!isStation(mac)) throw expected(WHAT, text, 'a group address or zero');
  return formatMac(mac.hi16, mac.lo32);
});
