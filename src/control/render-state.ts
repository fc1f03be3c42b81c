/** What SIGUSR1 prints: ports, forwarding database and own addresses, as aligned tables. */

import type { TapSwitch } from './tap-switch';
import { formatMac } from '../l2/mac';

export async function renderState(tapSwitch: TapSwitch): Promise<string> {
  const [stations, addresses] = await Promise.all([tapSwitch.stations(), tapSwitch.ownAddresses()]);
  const ports = tapSwitch.ports.infos();
  const labels = new Map(ports.map(({ id, port }) => [id, port]));
  const { hi16, lo32 } = tapSwitch.mac;
  return [
    `${tapSwitch.config.name} ${formatMac(hi16, lo32)}`,
    table(
      ['PORT', 'STATE', 'MTU', 'RX-FRAMES', 'RX-BYTES', 'TX-FRAMES', 'TX-BYTES', 'DROPS'],
      ports.map(({ port, state, mtuBytes, counters: { counters, drops } }) => [
        port,
        state,
        String(mtuBytes),
        ...['rx-frames', 'rx-bytes', 'tx-frames', 'tx-bytes'].map((name) => String(counters[name])),
        namedCounts(drops),
      ]),
    ),
    table(
      ['MAC', 'PORT', 'KIND', 'HEARD'],
      stations.map(({ mac, port, isStatic, isSticky, updatedAgoMs }) => [
        mac,
        labels.get(port) ?? `#${port}`,
        isStatic ? 'static' : isSticky ? 'sticky' : 'learned',
        `${(updatedAgoMs / 1000).toFixed(1)} s ago`,
      ]),
    ),
    table(
      ['ADDRESS', 'STATE'],
      addresses.map(({ address, state }) => [address, state]),
    ),
    '',
  ].join('\n');
}

/** `reserved=3 too-long=1`, without the zeros. */
function namedCounts(counts: Readonly<Record<string, number>>): string {
  const nonzero = Object.entries(counts).filter(([, count]) => count > 0);
  return nonzero.map(([name, count]) => `${name}=${count}`).join(' ') || '-';
}

function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [head, ...rows];
  const widths = head.map((_, column) =>
    Math.max(...lines.map((line) => line[column]?.length ?? 0)),
  );
  return lines
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `  ${line}\n`)
    .join('');
}
