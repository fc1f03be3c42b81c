/** Impairments of a bridge in a test. */

import { readImpairment } from '../../src/config/values/impairment';
import { impairmentOrder } from '../../src/control/impairments';
import { impairmentSettings } from '../../src/dataplane/filtered-settings';
import type { ImpairmentSettings } from '../../src/impair/settings';

/** @param words as for `tapctl impair add`, without the port: `out delay 10ms`. The seed is 0 unless given. */
export function impairmentOf(words: string, port = 0): ImpairmentSettings {
  const spec = { seed: 0, ...readImpairment(`tap${port} ${words}`) };
  return impairmentSettings(impairmentOrder(spec, { id: port, label: spec.port }));
}
