import { describe, expect, test } from '@jest/globals';
import { CLAIM_TIMES, Claim } from '../../../src/hosts/claim';

/** Steps every 50 ms. @returns what was due, with its time */
function run(claim: Claim, fromMs: number, toMs: number): string[] {
  const steps: string[] = [];
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += 50) {
    const step = claim.step(nowMs);
    if (step !== 'none') steps.push(`${nowMs} ${step}`);
  }
  return steps;
}

describe('claim of an address', () => {
  test('three probes, the claim, one more announcement, silence', () => {
    const claim = new Claim(1_000, CLAIM_TIMES);
    expect(run(claim, 0, 100_000)).toEqual([
      '1000 probe',
      '1100 probe',
      '1200 probe',
      '1300 claim',
      '3300 announce',
    ]);
    expect(claim.state).toBe('claimed');
    expect(claim.dueMs).toBe(Infinity);
  });

  test('a late tick delays the next steps', () => {
    const claim = new Claim(0, CLAIM_TIMES);
    expect(run(claim, 0, 0)).toEqual(['0 probe']);
    expect(run(claim, 5_000, 5_300)).toEqual(['5000 probe', '5100 probe', '5200 claim']);
  });

  test('a conflict while probing loses the address for a minute', () => {
    const claim = new Claim(0, CLAIM_TIMES);
    run(claim, 0, 150);
    expect(claim.conflict(160)).toBe('lost');
    expect(claim.state).toBe('conflict');
    expect(claim.conflict(170)).toBe('ignored');
    expect(run(claim, 200, 60_150)).toEqual([]);
    expect(run(claim, 60_200, 60_500)).toEqual([
      '60200 probe',
      '60300 probe',
      '60400 probe',
      '60500 claim',
    ]);
  });

  test('a claimed address is kept, and defended once in ten seconds', () => {
    const claim = new Claim(0, CLAIM_TIMES);
    run(claim, 0, 5_000);
    expect(claim.conflict(10_000)).toBe('defended');
    expect(claim.conflict(10_001)).toBe('ignored');
    expect(claim.conflict(19_999)).toBe('ignored');
    expect(claim.conflict(20_000)).toBe('defended');
    expect(claim.state).toBe('claimed');
  });
});
