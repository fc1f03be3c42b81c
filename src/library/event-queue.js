"use strict";
/**
 * Events of a switch as an iteration. Events that come while the program is busy wait in a queue; a program that is
 * too slow loses the oldest, and hears how many.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.EventQueue = void 0;
const QUEUE_EVENTS = 1_000;
class EventQueue {
    ended;
    queue = [];
    lostCount = 0;
    hasEnded = false;
    readers = [];
    stopListening;
    /** @param ended called once, when the iteration has ended */
    constructor(journal, ended) {
        this.ended = ended;
        this.stopListening = journal.observe((event) => this.offer(event));
    }
    [Symbol.asyncIterator]() {
        return this;
    }
    next() {
        const value = this.take();
        if (value !== undefined)
            return Promise.resolve({ done: false, value });
        if (this.hasEnded)
            return Promise.resolve({ done: true, value: undefined });
        return new Promise((resolve) => this.readers.push(resolve));
    }
    /** Ends the iteration: `break` in a loop calls it. */
    return() {
        this.queue.length = 0;
        this.lostCount = 0;
        this.end();
        return Promise.resolve({ done: true, value: undefined });
    }
    /** Ends the iteration behind the events that wait. */
    end() {
        this.hasEnded = true;
        this.stopListening();
        this.ended();
        for (const reader of this.readers.splice(0))
            reader({ done: true, value: undefined });
    }
    take() {
        const { lostCount: lost } = this;
        this.lostCount = 0;
        return lost > 0 ? { event: 'lost', lost } : this.queue.shift();
    }
    offer(event) {
        const reader = this.readers.shift();
        if (reader !== undefined) {
            reader({ done: false, value: event });
            return;
        }
        if (this.queue.length === QUEUE_EVENTS) {
            this.queue.shift();
            this.lostCount++;
        }
        this.queue.push(event);
    }
}
exports.EventQueue = EventQueue;
