"use strict";
/**
 * A stream of events for one reader, as lines of JSON. A reader that is slower than the switch loses the
 * oldest events, and a line says how many. It costs the switch only a bounded queue.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.EventStream = void 0;
const node_stream_1 = require("node:stream");
const QUEUE_EVENTS = 1000;
/** Bytes that Node buffers besides the queue. */
const BUFFER_BYTES = 4096;
/** Milliseconds for which events are gathered. They come in groups, and one write is cheaper than many. */
const GATHER_MS = 50;
class EventStream extends node_stream_1.Readable {
    queue = [];
    lostCount = 0;
    isWanted = false;
    gathering;
    stopListening;
    constructor(journal) {
        super({ highWaterMark: BUFFER_BYTES });
        this.stopListening = journal.listen((line) => this.offer(line));
    }
    _read() {
        this.isWanted = true;
        if (this.gathering === undefined)
            this.hand();
    }
    _destroy(error, done) {
        this.stopListening();
        clearTimeout(this.gathering);
        this.queue.length = 0;
        done(error);
    }
    offer(line) {
        if (this.queue.length === QUEUE_EVENTS) {
            this.queue.shift();
            this.lostCount++;
        }
        this.queue.push(line);
        this.gathering ??= setTimeout(() => {
            this.gathering = undefined;
            this.hand();
        }, GATHER_MS);
    }
    hand() {
        while (this.isWanted && this.queue.length > 0) {
            let text = '';
            if (this.lostCount > 0) {
                text = `${JSON.stringify({ event: 'lost', lost: this.lostCount })}\n`;
                this.lostCount = 0;
            }
            while (this.queue.length > 0 && text.length < BUFFER_BYTES)
                text += this.queue.shift();
            this.isWanted = this.push(text);
        }
    }
}
exports.EventStream = EventStream;
