/**
 * Memory that nobody can take away: the arena of the lane's frames, of which a hook gets views (`frame.bytes`).
 *
 * An ArrayBuffer can be transferred: by `structuredClone`, by `postMessage` and by its own `transfer`. It is empty then,
 * and the addon would read and write memory that is no longer its own. The buffer of a WebAssembly memory cannot be: a
 * transfer is refused, or copies it. In all other ways it is an ArrayBuffer. It takes address space behind it, but no memory.
 */

/** WebAssembly as far as it is used here; Node's types do not have it. */
declare const WebAssembly:
  | {
      readonly Memory: new (size: { readonly initial: number }) => { readonly buffer: ArrayBuffer };
    }
  | undefined;

const PAGE_BYTES = 65_536;

/**
 * @param leastBytes bytes that are needed
 * @returns zeroed memory of whole pages; one that can be transferred, where the process may not reserve the address space
 */
export function lastingMemory(leastBytes: number): ArrayBuffer {
  const pages = Math.ceil(leastBytes / PAGE_BYTES);
  try {
    if (WebAssembly !== undefined) return new WebAssembly.Memory({ initial: pages }).buffer;
  } catch {
    // A limit on address space (ulimit -v), or a V8 without WebAssembly (--jitless).
  }
  return new ArrayBuffer(pages * PAGE_BYTES);
}
