/**
 * What the switch knows of each VLAN and address family besides the groups: who asks, and where routers are.
 * A context is made with the first frame that needs it.
 */

import type { IpKey } from '../wire/ip-key';
import { Querier } from './querier';
import { type RouterMode, Routers } from './routers';
import type { McastSettings } from './settings';

/** Address families, as indexes. */
export const Family = { Ipv4: 0, Ipv6: 1 } as const;
export type Family = (typeof Family)[keyof typeof Family];

export interface Context {
  readonly vlan: number;
  readonly family: Family;
  readonly querier: Querier;
  readonly routers: Routers;
}

/** What is known of a VLAN and family besides groups, for people and for traces. */
export interface ContextState {
  readonly vlan: number;
  readonly family: Family;
  /** Whether a querier asks for members. */
  readonly isKnown: boolean;
  /** Whether the group table is used. */
  readonly isReady: boolean;
  /** Ports of multicast routers, each with the time for which it is one, ms; absent for ever. */
  readonly routers: readonly { readonly port: number; readonly leftMs?: number }[];
}

const FAMILIES = 2;

export class Contexts {
  readonly all: Context[] = [];
  /** Port → what its key `mcast-router` says, unless that is `Auto`. */
  private readonly modes = new Map<number, RouterMode>();
  /** Index of a context: VLAN and family. */
  private readonly byIndex: (Context | undefined)[] = [];

  /** The context of a VLAN and family, if a frame has needed it. */
  find(vlan: number, family: Family): Context | undefined {
    return this.byIndex[vlan * FAMILIES + family];
  }

  /** The context of a VLAN and family, which is made if need be. */
  of(vlan: number, family: Family, nowMs: number, settings: McastSettings): Context {
    const known = this.find(vlan, family);
    if (known !== undefined) return known;
    const made = { vlan, family, querier: new Querier(), routers: new Routers(this.modes) };
    made.querier.settle(nowMs, settings);
    this.byIndex[vlan * FAMILIES + family] = made;
    this.all.push(made);
    return made;
  }

  /** Forgets everything but the modes of ports. */
  clear(): void {
    this.all.length = 0;
    this.byIndex.length = 0;
  }

  /** @param mode `undefined` for `Auto` */
  setMode(port: number, mode: RouterMode | undefined): void {
    if (mode === undefined) this.modes.delete(port);
    else this.modes.set(port, mode);
    for (const { routers } of this.all) routers.settle();
  }

  /** Forgets what was heard from a port, in the VLANs for which `isLeft` holds. */
  forgetPort(port: number, isLeft: (vlan: number) => boolean): void {
    for (const { vlan, routers } of this.all) if (isLeft(vlan)) routers.forget(port);
  }

  /** Whether a querier asks for members of a family, in some VLAN. */
  isAsked(family: Family, nowMs: number): boolean {
    return this.all.some((context) => context.family === family && context.querier.isKnown(nowMs));
  }

  list(nowMs: number): ContextState[] {
    return this.all.map(({ vlan, family, querier, routers }) => ({
      vlan,
      family,
      isKnown: querier.isKnown(nowMs),
      isReady: querier.isReady(nowMs),
      routers: [...routers.ports].map((port) => {
        const untilMs = routers.untilMs(port);
        return { port, ...(untilMs !== undefined && { leftMs: untilMs - nowMs }) };
      }),
    }));
  }

  /** Restores what another bridge knows, for as long as this one lives. */
  restore(states: readonly ContextState[], nowMs: number, settings: McastSettings): void {
    for (const { vlan, family, isKnown, isReady, routers } of states) {
      const context = this.of(vlan, family, nowMs, settings);
      context.querier.restore(isKnown, isReady);
      for (const { port } of routers) context.routers.mark(port, Infinity);
    }
  }

  dueMs(settings: McastSettings): number {
    let dueMs = Infinity;
    for (const { querier, routers } of this.all) {
      dueMs = Math.min(dueMs, querier.dueMs(settings), routers.dueMs);
    }
    return dueMs;
  }
}

/** Address from which the switch asks, for each family; absent if it has none. */
export type OwnSources = readonly [ipv4: IpKey | undefined, ipv6: IpKey | undefined];
