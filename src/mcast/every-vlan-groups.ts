/**
 * Permanent entries of the group table that an operator made without a VLAN: they are in every VLAN of their port, also
 * in one that the port joins later, and in none that it has left. Where an operator made an entry of the same group for
 * one VLAN, that one stays in it.
 */

import type { IpKey } from '../wire/ip-key';
import type { WantedGroup } from './static-groups';

/** How entries get into the table and out of it. */
export interface EntryChanges {
  /** @returns whether the table takes it */
  readonly enter: (wanted: WantedGroup) => boolean;
  readonly remove: (wanted: WantedGroup) => void;
  /** Whether the table has a permanent entry of this group, port, VLAN and source. */
  readonly isHeld: (wanted: WantedGroup) => boolean;
}

type EveryVlanGroup = Pick<WantedGroup, 'port' | 'group' | 'source'>;

interface Held {
  readonly wanted: WantedGroup;
  /** VLANs of the port → whether the entry there follows from this one. */
  readonly vlans: Map<number, boolean>;
}

export class EveryVlanGroups {
  private readonly held = new Map<string, Held>();

  /** @param vlans VLANs of the port, in which the entry is by now */
  add(wanted: WantedGroup, vlans: readonly number[]): void {
    this.held.set(identityOf(wanted), {
      wanted,
      vlans: new Map(vlans.map((vlan) => [vlan, true])),
    });
  }

  /** An operator has made an entry for one VLAN, which takes the place of the one for all there. */
  giveWay({ vlan, ...group }: EveryVlanGroup & { readonly vlan: number }): void {
    const vlans = this.held.get(identityOf(group))?.vlans;
    if (vlans?.has(vlan) === true) vlans.set(vlan, false);
  }

  remove(group: EveryVlanGroup): void {
    this.held.delete(identityOf(group));
  }

  /** Forgets the entries of a port, or all. */
  clear(port?: number): void {
    for (const [identity, { wanted }] of this.held) {
      if (port === undefined || wanted.port === port) this.held.delete(identity);
    }
  }

  /** Whether there is an entry of a port. */
  has(port: number): boolean {
    for (const { wanted } of this.held.values()) if (wanted.port === port) return true;
    return false;
  }

  /**
   * Follows the VLANs of a port. An entry that is refused is tried again with the next change.
   * @returns entries that the table refuses
   */
  settle(port: number, vlans: readonly number[], changes: EntryChanges): WantedGroup[] {
    const now = new Set(vlans);
    const ofPort = [...this.held.values()].filter(({ wanted }) => wanted.port === port);
    // The VLANs that the port has left make room for the others.
    for (const held of ofPort) {
      for (const [vlan, isOwn] of held.vlans) {
        if (now.has(vlan)) continue;
        if (isOwn) changes.remove({ ...held.wanted, vlan });
        held.vlans.delete(vlan);
      }
    }
    const refused: WantedGroup[] = [];
    for (const held of ofPort) {
      for (const vlan of vlans) {
        if (held.vlans.has(vlan)) continue;
        const wanted = { ...held.wanted, vlan };
        const isOther = changes.isHeld(wanted);
        if (isOther || changes.enter(wanted)) held.vlans.set(vlan, !isOther);
        else refused.push(wanted);
      }
    }
    return refused;
  }
}

function identityOf({ port, group, source }: EveryVlanGroup): string {
  return `${port} ${wordsOf(group)} ${source === undefined ? '' : wordsOf(source)}`;
}

function wordsOf(key: IpKey): string {
  return [...key].join('.');
}
