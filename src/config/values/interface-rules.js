"use strict";
/** Rules for the values of a kernel interface, and for the accounts that may attach to a TAP. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.account = exports.queueFrames = exports.tapMtu = void 0;
const rule_1 = require("./rule");
/** MTU of a TAP. Source: ETH_MIN_MTU, and tun_net_init in drivers/net/tun.c for the maximum. */
exports.tapMtu = (0, rule_1.wholeNumber)({ from: 68, to: 65521, unit: 'bytes' });
/**
 * Frames that may wait at a TAP for the program that holds it: txqueuelen. The kernel allocates a pointer
 * for each of them at once, and one allocation has 4 MiB at most: tun_queue_resize in drivers/net/tun.c;
 * KMALLOC_MAX_SIZE in include/linux/ptr_ring.h.
 */
exports.queueFrames = (0, rule_1.wholeNumber)({ from: 1, to: 524_288, unit: 'frames' });
/** Id of a user or group. The maximum leaves out (uid_t)-1, which means "none" to the kernel. */
const accountNumber = (0, rule_1.wholeNumber)({ from: 0, to: 2 ** 32 - 2 });
const accountName = (0, rule_1.textRule)('a user or group by name or number', (text) => /^[^-\s:/,][^\s:/,]*$/.test(text) ? text : undefined);
/** A user or a group by name or number. */
exports.account = {
    fromText: (text) => /^\d+$/.test(text) ? accountNumber.fromText(text) : accountName.fromText(text),
    fromValue: (value) => typeof value === 'number' ? accountNumber.fromValue(value) : accountName.fromValue(value),
    schema: { anyOf: [accountNumber.schema, accountName.schema] },
};
