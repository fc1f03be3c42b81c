"use strict";
/**
 * Reads of arrays of numbers under the one assumption of the frame path: the index is in range. The
 * compiler option `noUncheckedIndexedAccess` gives every read the type `number | undefined`. These
 * functions remove the `undefined` from the type, and check nothing: the caller bounds its index. A read
 * out of range gives `undefined`, as `array[index]` does, and no error.
 *
 * Lint refuses `array[index] as number` anywhere else except in the few files that each plain frame runs
 * through: `READ_IN_PLACE` in eslint.config.mjs, with what the functions would cost there.
 *
 * Each kind of array has a function of its own. V8 collects type feedback per function, so one
 * function that reads four kinds of array is slow for each of them.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.u8At = u8At;
exports.u16At = u16At;
exports.i32At = i32At;
exports.u32At = u32At;
exports.numberAt = numberAt;
exports.f64At = f64At;
/** The byte at `index`, 0 to 255. */
function u8At(bytes, index) {
    return bytes[index];
}
/** The 16-bit word at `index`, 0 to 65535, in memory order. */
function u16At(words, index) {
    return words[index];
}
/** The signed 32-bit word at `index`. */
function i32At(words, index) {
    return words[index];
}
/** The unsigned 32-bit word at `index`. */
function u32At(words, index) {
    return words[index];
}
/** The number at `index` of a list. */
function numberAt(numbers, index) {
    return numbers[index];
}
/** The double at `index`. */
function f64At(numbers, index) {
    return numbers[index];
}
