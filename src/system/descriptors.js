"use strict";
/** File descriptors: the messages for a process that has too few of them. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.descriptorsExhausted = descriptorsExhausted;
exports.descriptorsTooFew = descriptorsTooFew;
const node_fs_1 = require("node:fs");
/**
 * Fewest descriptors with which the switch starts. Node and the code of two threads need about 30
 * at start, and each port needs four.
 */
const NEEDED = 64;
/** Text of the loader's errors, which have no code. */
const EXHAUSTED = /too many open files|EMFILE|ENFILE/i;
/**
 * @param error anything that was thrown
 * @returns reason and cure where the process or the system has no descriptor left, else undefined
 */
function descriptorsExhausted(error) {
    const { code, message = '', cause, } = error;
    if (code === 'EMFILE' || code === 'ENFILE')
        return sentence(code);
    if (EXHAUSTED.test(message))
        return sentence('EMFILE');
    return cause instanceof Object ? descriptorsExhausted(cause) : undefined;
}
function sentence(code) {
    return `no file descriptor is left (${code}); raise the limit: ulimit -n`;
}
/** @returns the reason why the process's limit is too low; undefined where it is not or is unknown */
function descriptorsTooFew() {
    const limit = descriptorLimit();
    if (limit >= NEEDED)
        return undefined;
    return `${limit} file descriptors are too few, it takes ${NEEDED}; raise the limit: ulimit -n`;
}
/** The soft limit. Node raises it to the hard limit at start: `PlatformInit` in its src/node.cc. */
function descriptorLimit() {
    try {
        const limits = (0, node_fs_1.readFileSync)('/proc/self/limits', 'utf8');
        return Number(/^Max open files +(\d+)/m.exec(limits)?.[1] ?? Number.POSITIVE_INFINITY);
    }
    catch (error) {
        return descriptorsExhausted(error) === undefined ? Number.POSITIVE_INFINITY : 0;
    }
}
