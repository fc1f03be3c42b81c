/** Counters of the ARP room. */

import { ResolutionCounter, resolutionCounters } from '../hosts/counters';

export const ArpCounter = ResolutionCounter;
export type ArpCounter = ResolutionCounter;

export const ARP_COUNTERS = resolutionCounters('arp');
