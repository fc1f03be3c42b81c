"use strict";
/**
 * Error of the native addon itself: it is missing, or does not fit. Only what needs a device or a socket needs the
 * addon. The message is one line: the reason and the cure.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.AddonError = void 0;
class AddonError extends Error {
    code;
    name = 'AddonError';
    constructor(code, message, options) {
        super(message, options);
        this.code = code;
    }
}
exports.AddonError = AddonError;
