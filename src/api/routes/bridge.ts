/** An overview of the bridge. */

import { packageVersion } from '../../system/package-version';
import { formatMac } from '../../wire/mac';
import type { TapSwitch } from '../../control/tap-switch';
import type { Api } from '../api';
import { type BridgeBody, bridgeShape } from '../shapes';
import { portBody } from './ports';

export function bridgeRoutes(api: Api, tapSwitch: TapSwitch): void {
  api.get(
    '/v1/bridge',
    {
      schema: {
        operationId: 'getBridge',
        summary: 'Overview of the bridge',
        response: { 200: bridgeShape },
      },
    },
    () => bridgeBody(tapSwitch),
  );
}

async function bridgeBody(tapSwitch: TapSwitch): Promise<BridgeBody> {
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
    ports: ports.all.map(portBody),
    total: ports.total().counters,
  };
}
