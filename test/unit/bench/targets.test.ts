import { describe, expect, test } from '@jest/globals';
import { METRICS } from '../../../bench/metrics';
import type { Results } from '../../../bench/results';
import { judge, type Verdict } from '../../../bench/targets';
import { resultsOf } from '../../support/bench-results';

function verdictOn(title: string, readings: Results['readings']): Verdict {
  const verdict = judge(resultsOf(readings)).find(({ target }) => target.title === title);
  if (verdict === undefined) throw new Error(`no target '${title}'`);
  return verdict;
}

describe('judge', () => {
  const OVER_BRIDGE = '60 B frames/s / kernel bridge + veth';

  test.each([
    { ours: [200, 100, 300], bridge: [100], figure: 2, meetsMust: true, meetsWant: true },
    { ours: [130], bridge: [90, 100, 110], figure: 1.3, meetsMust: true, meetsWant: false },
    { ours: [120], bridge: [100], figure: 1.2, meetsMust: false, meetsWant: false },
  ])('$ours over $bridge is $figure', ({ ours, bridge, ...expected }) => {
    const verdict = verdictOn(OVER_BRIDGE, { 'rate.60': { ours, bridge } });
    expect(verdict).toMatchObject(expected);
  });

  test('a peer that was not measured leaves the figure open and the target missed', () => {
    const verdict = verdictOn(OVER_BRIDGE, { 'rate.60': { ours: [1] } });
    expect(verdict).toMatchObject({ figure: undefined, meetsMust: false, meetsWant: false });
  });

  test('the best of the peers that were measured counts', () => {
    const readings = { 'rate.60': { ours: [300], vde: [100], ovs: [150] } };
    expect(verdictOn('60 B frames/s / best userspace peer', readings).figure).toBe(2);
  });

  test('a cost is the inverse of a rate', () => {
    const readings = { 'ports.2': { ours: [110] }, 'ports.256': { ours: [100] } };
    const verdict = verdictOn('Frame cost, 256 ports / 2 ports', readings);
    expect(verdict.figure).toBeCloseTo(1.1);
    expect(verdict).toMatchObject({ meetsMust: true, meetsWant: false });
  });

  test('memory is judged in megabytes', () => {
    const readings = { 'memory.start': { ours: [69e6] } };
    const verdict = verdictOn('Resident memory at start, three ports', readings);
    expect(verdict).toMatchObject({ figure: 69, meetsWant: true });
  });

  test('the highest loss after a start is judged, too', () => {
    const readings = { cold: { ours: [0, 0, 0, 150, 0] } };
    expect(verdictOn('Lost a second after the start, median start', readings)).toMatchObject({
      figure: 0,
      meetsWant: true,
    });
    expect(verdictOn('Lost a second after the start, worst start', readings)).toMatchObject({
      figure: 150,
      meetsMust: false,
    });
  });

  test('a wish cannot be missed', () => {
    const readings = { 'steady.200000': { ours: [1000] } };
    const verdict = verdictOn('Lost when warm at 200,000/s', readings);
    expect(verdict).toMatchObject({ figure: 1000, meetsMust: true, meetsWant: false });
  });

  test('with every metric of every device measured, no figure is open', () => {
    const ofAll = Object.fromEntries(
      [
        'ours',
        'ours-vlan',
        'ours-hook',
        'ours-nic',
        'ours-fast',
        'limit',
        'bridge',
        'vde',
        'ovs',
        'ovs-dpdk',
      ].map((dut) => [dut, [1]]),
    );
    const readings = Object.fromEntries([...METRICS.keys()].map((id) => [id, ofAll]));
    const figures = judge(resultsOf(readings)).map(({ figure }) => figure);
    expect(figures).not.toContain(undefined);
    expect(figures).toHaveLength(29);
  });
});
