/**
 * News of ARP, ND and inspection for the operator: the name of an event and its fields, each at a bounded
 * rate. A port is an id here. `src/journal/events.ts` has the texts.
 */

import type { RefusalReason } from './refusal-reason';

interface OfVlan {
  /** VID; absent outside of every VLAN. */
  readonly vlan?: number;
}

export type HostNews = AddressClaimed | AddressConflict | NeighbourDoubted | InspectionRefused;

/** The switch holds one of its own addresses from now on. */
export interface AddressClaimed extends OfVlan {
  readonly event: 'address-claimed';
  readonly address: string;
}

/** Another station uses, or wants to use, an address of the switch. */
export interface AddressConflict extends OfVlan {
  readonly event: 'address-conflict';
  readonly address: string;
  readonly mac: string;
  readonly port: number;
  readonly outcome: 'defended' | 'lost';
}

/** Kind of doubt about a binding. */
export type Doubt = 'changed' | 'conflict' | 'contradicted';

/** A binding came into doubt. */
export interface NeighbourDoubted extends OfVlan {
  readonly event: `neighbour-${Doubt}`;
  readonly address: string;
  readonly mac: string;
  readonly port: number;
  /** MAC of the former holder. */
  readonly formerMac: string;
}

/** Inspection denied a frame. */
export interface InspectionRefused extends OfVlan {
  readonly event: 'inspection-refused';
  readonly reason: RefusalReason;
  readonly port: number;
  /** Ethernet source of the frame. */
  readonly mac: string;
  /** Address that the frame claims, if it can be read. */
  readonly address?: string;
  /** Number of denied frames since the last report. */
  readonly untold: number;
}
