/**
 * Results of a benchmark that never ran, for the tests of its report.
 */

import type { Results } from '../../bench/results';

export function resultsOf(readings: Results['readings']): Results {
  return {
    machine: {
      cpu: 'Example CPU',
      cpuCount: 2,
      memoryBytes: 24 * 2 ** 30,
      kernel: '6.18.0',
      node: 'v20.20.0',
      commit: 'abc1234',
    },
    run: { isQuick: false, repeats: 3, startedAt: '2026-01-02T03:04:05.000Z', elapsedS: 1500 },
    duts: [
      { name: 'ours', title: 'tapswitch' },
      { name: 'bridge', title: 'Linux bridge + veth' },
      { name: 'vde', title: 'vde_switch', obstacle: 'it is not there' },
    ],
    readings,
    failures: [],
  };
}
