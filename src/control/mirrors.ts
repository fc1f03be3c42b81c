/** Mirrors that an operator made: copies of the frames of some ports for another one. */

import { compileFilter } from '../capture/filter-compiler';
import type { MirrorSpec } from '../config/values/mirror';
import { expected } from '../config/values/rule';
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
    explainMissing: (label) => explainMissing(ports, label, '"shared" or nothing'),
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
  return explainMissing(ports, missing, '[in|out|both] [vlan VID] [filter WORDS]');
}

/**
 * Reason why there is no such port. A label may have spaces, so a word that no mirror has is read as a part of the label
 * before it.
 * @param words what may stand behind the port
 */
function explainMissing(ports: EntryPorts, label: string, words: string): string {
  const port = ports.all.find((known) => label.startsWith(`${known.label} `));
  if (port === undefined) return ports.explainMissing(label);
  const rest = label.slice(port.label.length).trim();
  return expected(`${words} behind ${port.label}`, rest).message;
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
