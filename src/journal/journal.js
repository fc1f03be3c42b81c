"use strict";
/**
 * The journal of the switch's events. It writes them to the log and passes them to listeners, in order.
 *
 * A listener is called at once and must neither wait nor throw; `EventStream` is the listener for slow readers.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Journal = void 0;
const printable_1 = require("../system/printable");
const events_1 = require("./events");
class Journal {
    log;
    listeners = new Set();
    observers = new Set();
    lastSeq = 0;
    constructor(log) {
        this.log = log;
    }
    /** @param atMs time of the event, milliseconds since 1970; now unless given */
    note(event, fields = {}, atMs = Date.now()) {
        const { level, words } = events_1.EVENTS[event];
        this.log[level](words, fields);
        const seq = ++this.lastSeq;
        if (this.listeners.size + this.observers.size === 0)
            return;
        const entry = { ...fields, seq, time: new Date(atMs).toISOString(), event };
        for (const observer of this.observers)
            observer(entry);
        if (this.listeners.size === 0)
            return;
        // `printable` does not change the value of the JSON, and people show it on a terminal.
        const line = `${(0, printable_1.printable)(JSON.stringify(entry))}\n`;
        for (const listener of this.listeners)
            listener(line);
    }
    /** Passes on the lines of the events. @returns a function that ends the listening */
    listen(listener) {
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
    }
    /** Passes on the events themselves. @returns a function that ends it */
    observe(observer) {
        this.observers.add(observer);
        return () => this.observers.delete(observer);
    }
}
exports.Journal = Journal;
