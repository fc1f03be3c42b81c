"use strict";
/**
 * A socket at which the peers of ports arrive. The ports of one address share it: each is a place for one
 * peer, and a peer gets the free place of the lowest number. Where none is free, it is refused at once.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.StreamListener = void 0;
const socket_address_1 = require("../config/values/socket-address");
const native_1 = require("../native/native");
const listening_socket_1 = require("./listening-socket");
const socket_failure_1 = require("./socket-failure");
const EPOLLIN = 1;
/** Milliseconds until a connection is accepted again that no descriptor was left for. */
const RETRY_MS = 500;
/** Milliseconds from one report of refused peers to the next. */
const REPORT_MS = 1_000;
class StreamListener {
    address;
    access;
    /** Why no peer can be accepted at the moment. */
    problem;
    places = new Map();
    socket;
    name;
    watch;
    retry;
    lastReportMs = Number.NEGATIVE_INFINITY;
    untold = 0;
    /** @throws as `listenForStreams` does */
    constructor(address, access) {
        this.address = address;
        this.access = access;
        const { socket, name } = (0, listening_socket_1.listenForStreams)(address, access);
        this.socket = socket;
        this.name = name;
        const { FdWatch } = (0, native_1.native)();
        try {
            this.watch = new FdWatch(socket.fd, () => this.acceptPeers());
            this.watch.arm(EPOLLIN);
        }
        catch (error) {
            socket.close();
            name?.remove();
            throw error;
        }
    }
    add(number, place) {
        this.places.set(number, place);
    }
    /** @returns whether no place is left, so that nobody listens any more */
    remove(number) {
        this.places.delete(number);
        if (this.places.size > 0)
            return false;
        clearTimeout(this.retry);
        this.watch.close();
        this.socket.close();
        this.name?.remove();
        return true;
    }
    acceptPeers() {
        if (this.places.size === 0)
            return;
        try {
            for (let peer = this.socket.accept(); peer !== undefined; peer = this.socket.accept()) {
                this.receive(peer);
            }
            this.setProblem(undefined);
            this.watch.arm(EPOLLIN);
        }
        catch (error) {
            this.setProblem((0, socket_failure_1.explainBinding)(this.address, error));
            this.retry = setTimeout(() => this.acceptPeers(), RETRY_MS);
        }
    }
    receive(socket) {
        let peer;
        try {
            peer = this.identify(socket);
        }
        catch (error) {
            socket.close();
            this.refuse('unknown', error.message);
            return;
        }
        const why = this.refusalOf(socket);
        const numbers = [...this.places.keys()].sort((a, b) => a - b);
        const free = numbers
            .map((number) => this.places.get(number))
            .find((place) => place?.isFree() === true);
        if (why === undefined && free !== undefined) {
            free.give(socket, peer);
            return;
        }
        socket.close();
        this.refuse(peer, why ?? (numbers.length === 1 ? 'another is connected' : 'no place is free'));
    }
    identify(socket) {
        if (!(0, socket_address_1.isPath)(this.address))
            return socket.peerAddress;
        const { pid, uid } = socket.peer();
        return `process ${pid} of user ${uid}`;
    }
    refusalOf(socket) {
        if (!(0, socket_address_1.isPath)(this.address) || this.access.allows(socket.peer()))
            return undefined;
        return 'its user may not use this socket';
    }
    refuse(peer, why) {
        const nowMs = performance.now();
        if (nowMs < this.lastReportMs + REPORT_MS) {
            this.untold++;
            return;
        }
        this.lastReportMs = nowMs;
        const [first] = this.places.values();
        first?.refused(peer, why, this.untold);
        this.untold = 0;
    }
    setProblem(problem) {
        if (problem === this.problem)
            return;
        this.problem = problem;
        for (const place of this.places.values())
            place.changed();
    }
}
exports.StreamListener = StreamListener;
