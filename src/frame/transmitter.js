"use strict";
/**
 * Transmitters and receivers of frames: the devices of the kernel, or memory. An implementation works on the
 * bridge's burst.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Errno = void 0;
/** Errors of a write to a port that the switch distinguishes (asm-generic/errno.h). */
exports.Errno = {
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
};
