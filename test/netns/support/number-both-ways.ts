/** Numbered frames between two hosts at the same time both ways, while something is done to the switch. */

import { cpus } from 'node:os';
import { type Host, INTERFACE, python } from './host';
import { lastWords } from './ready-program';

/** Result of a receiver: `receive_sequence.py`. */
export interface SeenNumbers {
  readonly received: number;
  readonly doubled: number;
  readonly disordered: number;
}

const ETHER_TYPE = '0x88b5';
const NUMBER_AT = '14';

/**
 * Sends as many frames each way, and meanwhile calls `change` again and again.
 * @param pauseUs microseconds between two frames of one sender
 * @returns what `a` and `b` have seen, and how many times `change` was called
 */
export async function numberBothWays(
  [a, b]: readonly [Host, Host],
  count: number,
  change: () => Promise<void>,
  pauseUs = 0,
): Promise<{ readonly seen: readonly SeenNumbers[]; readonly changes: number }> {
  const listen = (host: Host) =>
    host.startReady('receive_sequence.py', 'any', ETHER_TYPE, NUMBER_AT, String(count));
  const receiving = await Promise.all([listen(a), listen(b)]);
  let isSending = true;
  const send = (from: Host, to: Host, processor: number): Promise<string> => {
    const limits = [count, pauseUs].map(String);
    const program = python('send_sequence.py', INTERFACE, to.mac, from.mac, ...limits);
    // A veth has a queue for each processor: a sender that changes its processor disorders its own frames.
    return from.mustRun(['taskset', '--cpu-list', String(processor % cpus().length), ...program]);
  };
  const sending = Promise.all([send(a, b, 0), send(b, a, 1)]).finally(() => {
    isSending = false;
  });
  let changes = 0;
  for (; isSending; changes++) await change();
  await sending;
  const words = await Promise.all(receiving.map((program) => lastWords(program)));
  return { seen: words.map((text) => JSON.parse(text) as SeenNumbers), changes };
}
