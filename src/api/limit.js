"use strict";
/** A limit on the clients that read something expensive at the same time. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Limit = void 0;
const request_error_1 = require("../system/request-error");
class Limit {
    max;
    what;
    count = 0;
    constructor(max, 
    /** Name of what the clients read, for the message. */
    what) {
        this.max = max;
        this.what = what;
    }
    /** Counts a client until its answer is over. @throws RequestError where there are too many. */
    enter(answer) {
        if (this.count >= this.max) {
            throw new request_error_1.RequestError('busy', `${this.max} clients read the ${this.what}; try again later`);
        }
        this.count++;
        answer.once('close', () => {
            this.count--;
        });
    }
}
exports.Limit = Limit;
