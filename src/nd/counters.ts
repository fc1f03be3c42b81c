/** What the ND room counts. */

import { ResolutionCounter, resolutionCounters } from '../hosts/counters';

export const NdCounter = ResolutionCounter;
export type NdCounter = ResolutionCounter;

export const ND_COUNTERS = resolutionCounters('nd');
