/** Mirrors that an operator made: copies of the frames of some ports for another one. */

import { compileFilter } from '../capture/filter-compiler';
import { type MirrorSpec, strayWords } from '../config/values/mirror';
import type { DataPlane } from '../dataplane/data-plane';
import type { MirrorOrder } from '../dataplane/messages';
import { MAX_MIRRORS } from '../l2/mirrors';
import { type EntryPort, type EntryPorts, StaticEntries } from './static-entries';

/** Mirrors. One ends with its target. A port that it mirrors may go; the others are mirrored on. */
export function mirrorTable(ports: EntryPorts, dataPlane: DataPlane): StaticEntries<MirrorSpec> {
  return new StaticEntries<MirrorSpec>(ports, {
    key: 'mirror',
    identityOf: ({ name }) => name,
    groupOf: () => '',
    max: MAX_MIRRORS,
    limitText: () => `${MAX_MIRRORS} mirrors at most`,
    objectionTo: (mirror) => missingSource(ports, mirror),
    explainMissing: (label) => explainMissing(ports, 'to', label),
    further: { of: ({ from }) => from, only: (mirror, from) => ({ ...mirror, from }) },
    add: (mirror, port) =>
      dataPlane.order({
        kind: 'add-mirror',
        mirror: mirrorOrder(ports, mirror, port as EntryPort),
      }),
    remove: (name) => dataPlane.order({ kind: 'remove-mirror', name }),
  });
}

/** @returns the mirrors that a configuration file can have: those that mirror a port */
export function storableMirrors(mirrors: readonly MirrorSpec[]): MirrorSpec[] {
  return mirrors.filter(({ from }) => from.length > 0);
}

function missingSource(ports: EntryPorts, { from }: MirrorSpec): string | undefined {
  const missing = from.find((label) => ports.find(label) === undefined);
  if (missing === undefined) return undefined;
  return explainMissing(ports, 'from', missing);
}

function explainMissing(ports: EntryPorts, place: 'from' | 'to', label: string): string {
  const labels = ports.all.map((port) => port.label);
  return strayWords(place, label, labels) ?? ports.explainMissing(label);
}

export function mirrorOrder(ports: EntryPorts, mirror: MirrorSpec, target: EntryPort): MirrorOrder {
  const { name, from, direction, vlan, filter, shared } = mirror;
  const ids = from.map((label) => (ports.find(label) as EntryPort).id);
  return {
    name,
    in: direction === 'out' ? [] : ids,
    out: direction === 'in' ? [] : ids,
    target: target.id,
    isShared: shared,
    ...(vlan !== undefined && { vlan }),
    ...(filter !== undefined && { filter: compileFilter(filter) }),
  };
}
