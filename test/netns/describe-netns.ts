/**
 * `describe` for tests that make network namespaces and TAP devices. Where that is not possible
 * the tests are reported as skipped, with the reason on standard error. Under CI=true scripts/test.mjs
 * makes a skipped test fail the run.
 */

import { accessSync, constants, readFileSync } from 'node:fs';
import { describe, jest } from '@jest/globals';

/** Milliseconds for a test: it runs real switches and real pings. */
const TEST_TIMEOUT_MS = 60_000;

// Jest ignores the `testTimeout` of a project when it runs several projects.
jest.setTimeout(TEST_TIMEOUT_MS);

/** capabilities(7): CAP_NET_ADMIN for TAP devices, CAP_SYS_ADMIN for namespaces. */
const CAPABILITIES: readonly [name: string, bit: bigint][] = [
  ['CAP_NET_ADMIN', 12n],
  ['CAP_SYS_ADMIN', 21n],
];

const obstacle = findObstacle();
if (obstacle !== undefined) process.stderr.write(`skipping namespace tests: ${obstacle}\n`);

export const describeNetns = obstacle === undefined ? describe : describe.skip;

/** Reason why this process cannot run the tests, with the cure; undefined if it can. */
function findObstacle(): string | undefined {
  const effective = /^CapEff:\s*([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'utf8'));
  const held = BigInt(`0x${effective?.[1] ?? '0'}`);
  const missing = CAPABILITIES.filter(([, bit]) => ((held >> bit) & 1n) === 0n);
  if (missing.length > 0) {
    return `no ${missing.map(([name]) => name).join(', ')}; run them as root: sudo npm test`;
  }
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
    return undefined;
  } catch {
    return 'no /dev/net/tun; load the module: modprobe tun';
  }
}
