"use strict";
/**
 * A start that the system refused. The message is one line: what, the reason, the cure. Exit
 * status 1.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.StartError = void 0;
class StartError extends Error {
    name = 'StartError';
    code;
    constructor(message, { code = 'ERR_REFUSED', ...options } = {}) {
        super(message, options);
        this.code = code;
    }
}
exports.StartError = StartError;
