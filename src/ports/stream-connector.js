"use strict";
/** A port's attempts to connect to its peer, one after the other. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.StreamConnector = void 0;
const socket_address_1 = require("../config/values/socket-address");
const native_1 = require("../native/native");
const retry_pause_1 = require("./retry-pause");
const socket_failure_1 = require("./socket-failure");
const EPOLLOUT = 4;
/** Milliseconds that a peer has to answer. */
const ANSWER_MS = 5_000;
/** Milliseconds between two attempts at most. */
const LONGEST_PAUSE_MS = 4_000;
/** Milliseconds for which a connection must last to count as a success. */
const LASTING_MS = 5_000;
class StreamConnector {
    address;
    connected;
    failed;
    /** Why the last attempt failed. */
    problem;
    attempt;
    pause = new retry_pause_1.RetryPause(LONGEST_PAUSE_MS);
    connectedMs = Number.NEGATIVE_INFINITY;
    /**
     * @param address text that has passed `socketAddress`
     * @param connected called when an attempt has come to its end later; `take` has the outcome
     */
    constructor(address, connected, failed) {
        this.address = address;
        this.connected = connected;
        this.failed = failed;
    }
    /** Begins an attempt, if it is time for one. @returns the socket where it is connected at once */
    connect() {
        const nowMs = performance.now();
        if (this.attempt !== undefined) {
            if (nowMs < this.attempt.beganMs + ANSWER_MS)
                return undefined;
            this.fail(new Error(`does not answer for ${ANSWER_MS / 1000} s`));
            return undefined;
        }
        if (!this.pause.isOver(nowMs))
            return undefined;
        const { Socket } = (0, native_1.native)();
        const place = (0, socket_address_1.parseSocketAddress)(this.address);
        let socket;
        try {
            socket = new Socket('stream', place);
            if (socket.connect(place)) {
                this.succeed();
                return socket;
            }
            this.wait(socket, nowMs);
        }
        catch (error) {
            socket?.close();
            this.fail(error);
        }
        return undefined;
    }
    /** Takes note that the connection has ended: one that was short is not begun again at once. */
    ended() {
        const nowMs = performance.now();
        if (nowMs < this.connectedMs + LASTING_MS)
            this.pause.begin(nowMs);
        else
            this.pause.shorten();
    }
    close() {
        this.attempt?.watch.close();
        this.attempt?.socket.close();
        this.attempt = undefined;
    }
    wait(socket, beganMs) {
        const { FdWatch } = (0, native_1.native)();
        const watch = new FdWatch(socket.fd, () => this.decide());
        this.attempt = { socket, watch, beganMs };
        watch.arm(EPOLLOUT);
    }
    decide() {
        const { attempt } = this;
        if (attempt === undefined)
            return;
        const error = attempt.socket.takeError();
        if (error !== undefined) {
            this.fail(error);
            this.failed();
            return;
        }
        attempt.watch.close();
        this.attempt = undefined;
        this.succeed();
        this.connected(attempt.socket);
    }
    succeed() {
        this.problem = undefined;
        this.connectedMs = performance.now();
    }
    fail(error) {
        this.close();
        this.problem = (0, socket_failure_1.explainConnecting)(error);
        // A path costs nothing to try. A host may be far away.
        if ((0, socket_address_1.isPath)(this.address))
            this.pause.shorten();
        this.pause.begin(performance.now());
    }
}
exports.StreamConnector = StreamConnector;
