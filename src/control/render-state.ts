/** Text that SIGUSR1 prints: ports, stations, neighbours and own addresses, as aligned tables. */

import type { TapSwitch } from './tap-switch';
import type { FdbEntry } from '../l2/fdb/entry';
import { formatMac } from '../wire/mac';
import { ANY_PORT } from '../hosts/binding-table';
import { type Cell, renderLine, tableLines } from '../terminal/table';

export async function renderState(tapSwitch: TapSwitch): Promise<string> {
  const [stations, neighbours, addresses] = await Promise.all([
    tapSwitch.stations(),
    tapSwitch.neighbours(),
    tapSwitch.ownAddresses(),
  ]);
  const ports = tapSwitch.ports.infos();
  const labels = new Map(ports.map(({ id, port }) => [id, port]));
  const labelOf = (port: number): string =>
    port === ANY_PORT ? 'any' : (labels.get(port) ?? `#${port}`);
  const { hi16, lo32 } = tapSwitch.mac;
  return [
    renderLine(`${tapSwitch.config.name} ${formatMac(hi16, lo32)}`),
    table(
      ['PORT', 'STATE', 'MTU', 'RX-FRAMES', 'RX-BYTES', 'TX-FRAMES', 'TX-BYTES', 'DROPS'],
      ports.map(({ port, state, mtuBytes, counters: { counters, drops } }) => [
        port,
        state,
        mtuBytes,
        ...['rx-frames', 'rx-bytes', 'tx-frames', 'tx-bytes'].map((name) => counters[name] ?? 0),
        namedCounts(drops),
      ]),
    ),
    table(
      ['MAC', 'PORT', 'KIND', 'HEARD'],
      stations.map(({ mac, port, updatedAgoMs, ...entry }) => [
        mac,
        labelOf(port),
        kindOf(entry),
        ago(updatedAgoMs),
      ]),
    ),
    table(
      ['NEIGHBOUR', 'MAC', 'PORT', 'STATE', 'HEARD'],
      neighbours.map(({ address, mac, port, state, heardAgoMs }) => [
        address,
        mac,
        labelOf(port),
        state,
        ago(heardAgoMs),
      ]),
    ),
    table(
      ['ADDRESS', 'STATE'],
      addresses.map(({ address, state }) => [address, state]),
    ),
    '',
  ].join('\n');
}

function kindOf({
  isStatic,
  isSticky,
  isLocked,
}: Pick<FdbEntry, 'isStatic' | 'isSticky' | 'isLocked'>): string {
  if (isStatic) return 'static';
  return isSticky ? 'sticky' : isLocked ? 'locked' : 'learned';
}

function ago(ms: number): string {
  return Number.isFinite(ms) ? `${(ms / 1000).toFixed(1)} s ago` : 'never';
}

/** Text of the counts above zero: `reserved=3 too-long=1`. */
function namedCounts(counts: Readonly<Record<string, number>>): string {
  const nonzero = Object.entries(counts).filter(([, count]) => count > 0);
  return nonzero.map(([name, count]) => `${name}=${count}`).join(' ') || '-';
}

/** Lines of a table, with a margin that sets it off from the log. */
function table(head: readonly string[], rows: readonly (readonly Cell[])[]): string {
  return tableLines(head, rows)
    .map((line) => `  ${renderLine(line)}\n`)
    .join('');
}
