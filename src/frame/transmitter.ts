/**
 * Where frames come from and go to: the devices of the kernel, or memory. Whoever implements these
 * works on the bridge's burst.
 */

export interface Transmitter {
  /**
   * Sends each (frame, port) pair of the burst's answer, in order, and says in `txStatus` what came
   * of it: 0, or an errno.
   * @returns how many failed.
   */
  transmit(): number;
}

/** Takes frames in as well. */
export interface PortIo extends Transmitter {
  /**
   * Fills the burst, from every port a fair share.
   * @param waitMs how long to wait for a first frame; 0 looks and returns.
   * @returns the number of frames. They are described in the burst; `Burst.begin` is the caller's.
   */
  receive(waitMs: number): number;
}

/** The errors of a write to a port that mean something to a switch (asm-generic/errno.h). */
export const Errno = {
  EIO: 5,
  ENXIO: 6,
  EAGAIN: 11,
  ENOMEM: 12,
  EINVAL: 22,
  EBADFD: 77,
  EMSGSIZE: 90,
  ENETDOWN: 100,
  ENETUNREACH: 101,
  ENOBUFS: 105,
  ENOTCONN: 107,
  ECONNREFUSED: 111,
  EHOSTUNREACH: 113,
} as const;
