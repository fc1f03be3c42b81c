"use strict";
/** Runs changes that must not overlap: each begins when the one before it has ended. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Serial = void 0;
const request_error_1 = require("../system/request-error");
class Serial {
    max;
    last = Promise.resolve();
    count = 0;
    /** @param max maximum number of changes that run or wait; a further one is refused */
    constructor(max) {
        this.max = max;
    }
    /** @throws RequestError if too many changes are waiting, and the errors of the change itself. */
    async run(change) {
        if (this.count >= this.max) {
            throw new request_error_1.RequestError('busy', `${this.max} changes are under way or wait; try again later`);
        }
        this.count++;
        const result = this.last.then(change).finally(() => this.count--);
        this.last = result.catch(() => undefined);
        return result;
    }
}
exports.Serial = Serial;
