/** Impairments that an operator made: faults that frames of some ports meet. */

import { randomInt } from 'node:crypto';
import { compileFilter } from '../capture/filter-compiler';
import {
  IMPAIRMENT_LIMIT,
  type ImpairmentSpec,
  formatImpairment,
  impairmentIdentity,
} from '../config/values/impairment';
import type { DataPlane } from '../dataplane/data-plane';
import type { ImpairmentOrder } from '../dataplane/messages';
import { type EntryPort, type EntryPorts, StaticEntries } from './static-entries';

const SEEDS = 2 ** 32;

/** Impairments. One ends with its port. */
export function impairmentTable(
  ports: EntryPorts,
  dataPlane: DataPlane,
): StaticEntries<ImpairmentSpec> {
  return new StaticEntries<ImpairmentSpec>(ports, {
    key: 'impair',
    identityOf: impairmentIdentity,
    ...IMPAIRMENT_LIMIT,
    add: (impairment, port) =>
      dataPlane.order({
        kind: 'add-impairment',
        impairment: impairmentOrder(impairment, port as EntryPort),
      }),
    remove: (name) => dataPlane.order({ kind: 'remove-impairment', name }),
  });
}

export function impairmentOrder(spec: ImpairmentSpec, { id }: EntryPort): ImpairmentOrder {
  const { atMs = 0, forMs = Infinity, match, port, seed = randomInt(SEEDS), ...rest } = spec;
  return {
    ...rest,
    name: impairmentIdentity(spec),
    words: formatImpairment(spec).slice(`${port} ${spec.direction} `.length),
    port: id,
    atMs,
    forMs,
    seed,
    ...(match !== undefined && { filter: compileFilter(match) }),
  };
}
