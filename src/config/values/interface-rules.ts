/** Rules for the values of a kernel interface, and for the accounts that may attach to a TAP. */

import type { Account } from '../../system/accounts';
import { type Rule, textRule, wholeNumber } from './rule';

/** MTU of a TAP. Source: ETH_MIN_MTU, and tun_net_init in drivers/net/tun.c for the maximum. */
export const tapMtu = wholeNumber({ from: 68, to: 65521, unit: 'bytes' });

/**
 * Frames that may wait at a TAP for the program that holds it: txqueuelen. The kernel allocates a pointer
 * for each of them at once, and one allocation has 4 MiB at most: tun_queue_resize in drivers/net/tun.c;
 * KMALLOC_MAX_SIZE in include/linux/ptr_ring.h.
 */
export const queueFrames = wholeNumber({ from: 1, to: 524_288, unit: 'frames' });

/** Id of a user or group. The maximum leaves out (uid_t)-1, which means "none" to the kernel. */
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
