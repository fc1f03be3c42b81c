/** Values of a kernel interface, and of those who may attach to a TAP. */

import type { Account } from '../../system/accounts';
import { type Rule, textRule, wholeNumber } from './rule';

/** Source: ETH_MIN_MTU, and tun_net_init in the kernel's drivers/net/tun.c for the greatest. */
export const tapMtu = wholeNumber({ from: 68, to: 65521, unit: 'bytes' });

/**
 * Frames that may wait for the program at a TAP: txqueuelen. The TAP has a ring of so many pointers,
 * allocated at once: drivers/net/tun.c, tun_queue_resize.
 */
export const queueFrames = wholeNumber({ from: 1, to: 1_000_000, unit: 'frames' });

/** (uid_t)-1 means "none" in the kernel's interface. */
const accountNumber = wholeNumber({ from: 0, to: 2 ** 32 - 2 });

const accountName = textRule('a user or group by name or number', (text) =>
  /^[^-\s:/,][^\s:/,]*$/.test(text) ? text : undefined,
);

/** A user or a group by name or number. */
export const account: Rule<Account> = {
  fromText: (text) =>
    /^\d+$/.test(text) ? accountNumber.fromText(text) : accountName.fromText(text),
  fromValue: (value) =>
    typeof value === 'number' ? accountNumber.fromValue(value) : accountName.fromValue(value),
  schema: { anyOf: [accountNumber.schema, accountName.schema] },
};
