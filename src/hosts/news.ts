/**
 * What ARP, ND and inspection tell the operator: the name of an event and its fields, each at a
 * bounded rate. A port is an id here. `src/journal/events.ts` has the words.
 */

import type { RefusalReason } from './refusal-reason';

export type HostNews = AddressClaimed | AddressConflict | NeighbourDoubted | InspectionRefused;

/** The switch holds one of its own addresses from now on. */
export interface AddressClaimed {
  readonly event: 'address-claimed';
  readonly address: string;
}

/** Another station uses, or wants to use, an address of the switch. */
export interface AddressConflict {
  readonly event: 'address-conflict';
  readonly address: string;
  readonly mac: string;
  readonly port: number;
  readonly outcome: 'defended' | 'lost';
}

/** Why a binding came into doubt. */
export type Doubt = 'changed' | 'conflict' | 'contradicted';

/** A binding came into doubt. */
export interface NeighbourDoubted {
  readonly event: `neighbour-${Doubt}`;
  readonly address: string;
  readonly mac: string;
  readonly port: number;
  /** Who held the address before. */
  readonly formerMac: string;
}

/** Inspection refused a frame. */
export interface InspectionRefused {
  readonly event: 'inspection-refused';
  readonly reason: RefusalReason;
  readonly port: number;
  /** Ethernet source of the frame. */
  readonly mac: string;
  /** The address that the frame speaks for, where it can be read. */
  readonly address?: string;
  /** Refusals since the last one that was told. */
  readonly untold: number;
}
