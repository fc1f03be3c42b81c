/**
 * Transmitters and receivers of frames: the devices of the kernel, or memory. An implementation works on the
 * bridge's burst.
 */

export interface Transmitter {
  /**
   * Sends each (frame, port) pair of the burst's answer, in order, and writes the result to `txStatus`:
   * 0, or an errno.
   * @returns the number of failed pairs.
   */
  transmit(): number;
}

/** A transmitter that also receives frames. */
export interface PortIo extends Transmitter {
  /**
   * Fills the burst with a fair share of frames from every port.
   * @param waitMs longest wait for a first frame; 0 does not wait.
   * @returns the number of frames. The burst describes them; the caller calls `Burst.begin`.
   */
  receive(waitMs: number): number;
}

/** Errors of a write to a port that the switch distinguishes (asm-generic/errno.h). */
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
