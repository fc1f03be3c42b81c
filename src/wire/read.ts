/**
 * Reads of typed arrays, with the one assumption of the frame path said in one place: the index is
 * in range. The compiler option `noUncheckedIndexedAccess` makes every read `number | undefined`;
 * these functions take the `undefined` away. An index that is out of range reads as `undefined`
 * all the same, so a caller bounds its index first.
 *
 * There is one function for each kind of array, and not one for all: V8 collects what it sees of
 * array kinds per function, so a function that reads four kinds is slow for each of them.
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

/** The double at `index`. */
export function f64At(numbers: Float64Array, index: number): number {
  return numbers[index] as number;
}
