/** What the bridge needs of whoever drives it: a way to get rid of the burst's answer. */

export interface Transmitter {
  /**
   * Sends each (frame, port) pair of the burst's answer, in order, and says in `txStatus` what came
   * of it: 0, or an errno.
   * @returns how many failed.
   */
  transmit(): number;
}

/** The errors of a write to a TAP that mean something to a switch (asm-generic/errno.h). */
export const Errno = {
  EIO: 5,
  EAGAIN: 11,
  ENOMEM: 12,
  EINVAL: 22,
  EBADFD: 77,
  ENOBUFS: 105,
} as const;
