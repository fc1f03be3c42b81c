/**
 * All experiments, in the order in which they run. Experiments of one shape stand together, because
 * they share the instances.
 */

import { cachingCapacity, headOfLine, learningRate } from './addresses';
import { cpuPerFrame } from './cpu';
import { decide } from './decide';
import { cold, steady } from './exact-loss';
import type { Experiment } from './experiment';
import { idle, memory, memoryAtStart, startUp } from './footprint';
import { groupMemory } from './group-memory';
import { price } from './price';
import { roundTrip, roundTripLoaded } from './latency';
import { lossFree } from './loss';
import { broadcast, destinations, mesh, ports, rate60, rateSizes, twoWay } from './rate';
import { script } from './script';
import { tcpFourStreams, tcpJumbo, tcpOneStream, udpGso } from './streams';

export const EXPERIMENTS: readonly Experiment[] = [
  decide,
  idle,
  rate60,
  tcpOneStream,
  roundTrip,
  cold,
  steady,
  rateSizes,
  twoWay,
  lossFree,
  tcpFourStreams,
  udpGso,
  roundTripLoaded,
  cpuPerFrame,
  tcpJumbo,
  mesh,
  broadcast,
  headOfLine,
  destinations,
  learningRate,
  cachingCapacity,
  price,
  script,
  ports,
  memory,
  memoryAtStart,
  groupMemory,
  startUp,
];
