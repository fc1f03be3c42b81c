"use strict";
/** An answer that is expensive to make, shared by all who ask at the same time. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Shared = void 0;
class Shared {
    make;
    running;
    next;
    constructor(make) {
        this.make = make;
    }
    /**
     * Makes an answer, or shares the next one. No answer was begun before the call. At most one answer is made
     * at a time; all calls in the meantime share the one after it.
     */
    get() {
        if (this.running === undefined)
            return this.start();
        this.next ??= this.running.then(() => this.startNext(), () => this.startNext());
        return this.next;
    }
    startNext() {
        this.next = undefined;
        return this.start();
    }
    start() {
        const running = this.make().finally(() => {
            if (this.running === running)
                this.running = undefined;
        });
        this.running = running;
        return running;
    }
}
exports.Shared = Shared;
