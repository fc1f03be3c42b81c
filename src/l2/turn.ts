/** Limits of what the frames of one port may cost in one burst, so that no port delays the others. */

/**
 * Work of one port's frames in one burst, as `Burst.work` counts it, after which its other frames
 * wait for the next burst: half a millisecond. 64 frames to one port each, or to seven, stay below.
 */
export const WORK_PER_TURN = 512;

/**
 * Frames that one super-frame may become for each port, however many ports there are: 64 KiB in
 * segments of 1024 bytes, and as many datagrams as Linux before 6.9 takes in one call
 * (UDP_MAX_SEGMENTS, linux/udp.h). For few ports it is as many as a turn allows: 512 for one, which
 * is 64 KiB in segments of 128 bytes. What is refused costs next to nothing, so that a queue full
 * of it is gone at once.
 */
export const SEGMENTS_TO_EACH = 64;

/** Least interval between two reports of one kind, milliseconds. */
export const REPORT_INTERVAL_MS = 1_000;
