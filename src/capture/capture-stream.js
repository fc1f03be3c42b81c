"use strict";
/**
 * A capture for one reader, as pcapng. The reader sets the pace. Packets that do not fit into the
 * capture ring are lost and counted in the file; the switch forwards their frames all the same.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.CaptureStream = void 0;
exports.epochNs = epochNs;
const node_stream_1 = require("node:stream");
const pcapng_1 = require("../wire/pcapng");
const ring_1 = require("../frame/ring");
const processor_wait_1 = require("./processor-wait");
const NS_PER_MS = 1000000n;
/** Bytes that are handed over in one turn of the event loop, before it serves other clients. */
const PIECE_BYTES = 512 * 1024;
/**
 * Pause of a reader that has read nearly everything. Waking it for each burst, or fetching each
 * burst, would cost more than the frames do.
 */
const REST_MS = 50;
/**
 * Pause between two pieces when the second is there already. It grows with the share of the time for
 * which the data-plane thread waits for a processor, because a reader of everything takes the time
 * that the frames need: 1 ms for a share of 0, 250 ms more for a share of 1, and at most 25 ms. The
 * maximum leaves the reader 20 MB/s.
 */
const PAUSE_MS = 1;
const PAUSE_PER_WAIT_MS = 250;
const PAUSE_MAX_MS = 25;
/** Time since 1970 at which the bursts' clock was zero, nanoseconds. */
function epochNs() {
    return BigInt(Date.now()) * NS_PER_MS - process.hrtime.bigint();
}
class CaptureStream extends node_stream_1.Readable {
    options;
    reader;
    isWanted = false;
    goesOn = false;
    processorWait;
    counts;
    constructor(options) {
        super({ highWaterMark: PIECE_BYTES });
        this.options = options;
        this.reader = new ring_1.RingReader(options.ring);
        this.processorWait = new processor_wait_1.ProcessorWait(options.threadId);
        this.push((0, pcapng_1.sectionHeader)(options.application));
    }
    /** Call this when there are new blocks in the capture ring. */
    wake() {
        if (this.isWanted && !this.goesOn)
            this.hand();
    }
    /** Call this when no more blocks come into the capture ring. */
    complete(counts) {
        this.counts = counts;
        this.wake();
    }
    _read() {
        this.isWanted = true;
        this.wake();
    }
    _destroy(error, done) {
        this.isWanted = false;
        this.options.stop();
        done(error);
    }
    hand() {
        let piece = this.reader.take(PIECE_BYTES);
        if (piece.length === 0) {
            this.reader.listen();
            // Packets that came before the data plane saw `listen`.
            piece = this.reader.take(PIECE_BYTES);
        }
        if (piece.length > 0) {
            this.isWanted = this.push(piece);
            this.goOn();
        }
        else if (this.counts !== undefined) {
            this.finish(this.counts);
        }
    }
    /** Schedules the next piece: behind a pause for others, or when enough packets have gathered. */
    goOn() {
        const hasPiece = this.reader.waitingBytes >= PIECE_BYTES;
        const pauseMs = PAUSE_MS + PAUSE_PER_WAIT_MS * this.processorWait.share();
        this.goesOn = true;
        setTimeout(() => {
            this.goesOn = false;
            this.wake();
        }, hasPiece ? Math.min(pauseMs, PAUSE_MAX_MS) : REST_MS);
    }
    finish(counts) {
        this.isWanted = false;
        const nowNs = BigInt(Date.now()) * NS_PER_MS;
        for (const { id, received, lost } of counts) {
            this.push((0, pcapng_1.interfaceStatistics)(id, nowNs, received, lost));
        }
        this.push(null);
    }
}
exports.CaptureStream = CaptureStream;
