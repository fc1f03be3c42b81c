/** An overview of the bridge. */

import { packageVersion } from '../../system/package-version';
import { formatMac } from '../../wire/mac';
import type { BridgeBody } from '../shapes';
import type { TapSwitch } from '../tap-switch';
import { portBody } from './ports';

export async function bridgeBody(tapSwitch: TapSwitch): Promise<BridgeBody> {
  const addresses = await tapSwitch.ownAddresses();
  const { config, mac, ports } = tapSwitch;
  return {
    name: config.name,
    mac: formatMac(mac.hi16, mac.lo32),
    version: packageVersion(),
    pid: process.pid,
    uptime: Math.round(process.uptime()),
    addresses,
    fdb: { ...tapSwitch.stationCounts, max: config.fdbMax, ageing: config.ageingMs / 1000 },
    ports: ports.all.map((port) => portBody(tapSwitch, port)),
    total: ports.total().counters,
  };
}
