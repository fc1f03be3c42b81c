/** Counters of the ND room. */

import { ResolutionCounter, resolutionCounters } from '../hosts/counters';

export const NdCounter = ResolutionCounter;
export type NdCounter = ResolutionCounter;

export const ND_COUNTERS = resolutionCounters('nd');
