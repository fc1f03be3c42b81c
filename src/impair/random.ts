/**
 * Pseudo-random numbers from a seed: the same seed gives the same numbers on every machine. Each impairment
 * has a generator of its own, so that its fates depend on its own frames alone.
 *
 * Source: D. Blackman and S. Vigna, "Scrambled linear pseudorandom number generators" (2021): xoshiro128++.
 * SplitMix32 fills its state from the seed, as the authors advise.
 */

/** Numbers of `next` lie below this. */
export const RANDOM_RANGE = 2 ** 31;

const GOLDEN_GAMMA = 0x9e3779b9;

export class Random {
  private s0: number;
  private s1: number;
  private s2: number;
  private s3: number;

  /** @param seed 32 bits */
  constructor(seed: number) {
    this.s0 = mix(seed + GOLDEN_GAMMA);
    this.s1 = mix(seed + 2 * GOLDEN_GAMMA);
    this.s2 = mix(seed + 3 * GOLDEN_GAMMA);
    this.s3 = mix(seed + 4 * GOLDEN_GAMMA);
  }

  /** @returns a whole number, 0 … 2^31 - 1, which no engine stores on the heap */
  next(): number {
    const { s0, s1, s2, s3 } = this;
    const result = (rotate((s0 + s3) | 0, 7) + s0) | 0;
    const t = s1 << 9;
    const mixed2 = s2 ^ s0;
    const mixed3 = s3 ^ s1;
    this.s1 = s1 ^ mixed2;
    this.s0 = s0 ^ mixed3;
    this.s2 = mixed2 ^ t;
    this.s3 = rotate(mixed3, 11);
    return result >>> 1;
  }

  /** @returns a whole number, 0 … below - 1 */
  below(below: number): number {
    return Math.floor((this.next() / RANDOM_RANGE) * below);
  }
}

function rotate(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

/** SplitMix32: the finalizer of MurmurHash3. */
function mix(word: number): number {
  let mixed = word | 0;
  mixed = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
