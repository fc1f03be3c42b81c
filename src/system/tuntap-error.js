"use strict";
/**
 * Error of a call about a TUN/TAP device, user or group. The message is one line for a person: the
 * device, the reason, and the cure.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TunTapError = void 0;
class TunTapError extends Error {
    code;
    name = 'TunTapError';
    syscall;
    /**
     * @param code an errno's name: `EBUSY` held by another program, `EEXIST` exists already, `EINVAL`
     *   wrong value, `EIO` interface is down, `ENODEV` device is gone, `ENOENT` no such user or
     *   namespace, `EPERM` and `EACCES` not allowed, …
     */
    constructor(code, message, { syscall, cause } = {}) {
        super(message, { cause });
        this.code = code;
        this.syscall = syscall;
    }
}
exports.TunTapError = TunTapError;
