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

/** The byte at `index`, 0 to 255. */
export function u8At(bytes: Uint8Array, index: number): number {
  return bytes[index] as number;
}

/** The 16-bit word at `index`, 0 to 65535, in memory order. */
export function u16At(words: Uint16Array, index: number): number {
  return words[index] as number;
}

/** The signed 32-bit word at `index`. */
export function i32At(words: Int32Array, index: number): number {
  return words[index] as number;
}

/** The unsigned 32-bit word at `index`. */
export function u32At(words: Uint32Array, index: number): number {
  return words[index] as number;
}

/** The number at `index` of a list. */
export function numberAt(numbers: readonly number[], index: number): number {
  return numbers[index] as number;
}

/** The double at `index`. */
export function f64At(numbers: Float64Array, index: number): number {
  return numbers[index] as number;
}
