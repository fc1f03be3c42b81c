"use strict";
/**
 * A client's connection, between its socket and the HTTP server. Node.js parses everything that
 * arrives, and keeps each request and its answer until the client reads. A client that sends requests
 * and reads nothing would fill the memory. So the parser gets a small piece at a time, and nothing
 * while a request waits for the one before it: the socket's buffer fills up, and the client waits.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Connection = void 0;
const node_stream_1 = require("node:stream");
/** Bytes that the parser gets at once: at most twenty of the shortest requests, or one usual one. */
const PIECE_BYTES = 512;
class Connection extends node_stream_1.Duplex {
    socket;
    /** Time at which the connection was made or its last answer ended, as `performance.now`. */
    idleSinceMs = performance.now();
    isHeld = false;
    isFeeding = false;
    isWanted = false;
    piece = Buffer.alloc(0);
    patienceMs = 0;
    constructor(socket) {
        super({ allowHalfOpen: true, emitClose: true });
        this.socket = socket;
        socket.on('readable', () => this.feed());
        socket.on('end', () => this.push(null));
        socket.on('error', (error) => this.destroy(error));
        socket.on('close', () => this.destroy());
        socket.on('timeout', () => this.emit('timeout'));
    }
    /** Whether written bytes wait for the client to read them. */
    get isStalled() {
        return this.writableLength > 0;
    }
    /** Whether the present answer has no end: a stream of events, or a capture. */
    get isEndless() {
        return this.patienceMs === 0;
    }
    /** Stops or resumes reading from the client. */
    hold(isHeld) {
        this.isHeld = isHeld;
        this.feed();
    }
    /** Like a socket's `setTimeout`. The HTTP server and `startStream` call it. */
    setTimeout(patienceMs, listener) {
        this.patienceMs = patienceMs;
        this.socket.setTimeout(patienceMs);
        if (listener !== undefined)
            this.once('timeout', listener);
        return this;
    }
    _read() {
        this.isWanted = true;
        this.feed();
    }
    _write(chunk, _, done) {
        this.socket.write(chunk, done);
    }
    /** Writes all chunks in one system call. */
    _writev(chunks, done) {
        const { socket } = this;
        socket.cork();
        for (const { chunk } of chunks.slice(0, -1))
            socket.write(chunk);
        socket.write(chunks.at(-1).chunk, done);
        socket.uncork();
    }
    /** Like a socket's `destroySoon`: the HTTP server closes the connection with it. */
    destroySoon() {
        this.end();
        if (this.writableFinished)
            this.destroy();
        else
            this.once('finish', () => this.destroy());
    }
    _final(done) {
        this.socket.end(done);
    }
    _destroy(error, done) {
        this.socket.destroy();
        done(error);
    }
    /** Feeds the parser. `isFeeding` stops re-entry: a parsed request may call this function again. */
    feed() {
        if (this.isFeeding)
            return;
        this.isFeeding = true;
        while (this.isWanted && !this.isHeld && !this.destroyed) {
            if (this.piece.length === 0)
                this.piece = this.socket.read() ?? this.piece;
            if (this.piece.length === 0)
                break;
            const piece = this.piece.subarray(0, PIECE_BYTES);
            this.piece = this.piece.subarray(PIECE_BYTES);
            this.isWanted = this.push(piece);
        }
        this.isFeeding = false;
    }
}
exports.Connection = Connection;
