"use strict";
/** A request that the running switch refused. The request changed nothing. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.RequestError = void 0;
const CODES = {
    'not-found': 'ERR_NOT_FOUND',
    conflict: 'ERR_CONFLICT',
    busy: 'ERR_BUSY',
    stopped: 'ERR_SWITCH_STOPPED',
};
class RequestError extends Error {
    kind;
    code;
    name = 'RequestError';
    constructor(kind, 
    /** One sentence: what, why, and what would help. */
    message, code = CODES[kind]) {
        super(message);
        this.kind = kind;
        this.code = code;
    }
}
exports.RequestError = RequestError;
