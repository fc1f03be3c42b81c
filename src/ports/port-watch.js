"use strict";
/**
 * Refreshes the ports: as soon as the kernel reports a change of an interface in one of their namespaces
 * (rtnetlink), twice a second while a port has something to try again, and every 5 s for changes that the
 * kernel does not report.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PortWatch = void 0;
const native_1 = require("../native/native");
/** Least milliseconds between two refreshes. It bounds the cost of a guest that toggles its interface. */
const NEWS_INTERVAL_MS = 50;
/** Milliseconds between two attempts to reach a port that is gone or out of reach. */
const RETRY_INTERVAL_MS = 500;
/** Retries from one refresh of all ports to the next: 5 s. */
const RETRIES_PER_LOOK = 10;
class PortWatch {
    ports;
    links;
    retryTimer;
    newsTimer;
    lastNewsMs = Number.NEGATIVE_INFINITY;
    retries = 0;
    /**
     * Starts to listen, so that no change of a port that is opened later is missed. No port is refreshed
     * before `start`.
     * @throws NativeError
     */
    constructor(ports) {
        this.ports = ports;
        const { LinkWatch } = (0, native_1.native)();
        this.links = new LinkWatch(() => this.news());
    }
    /** Refreshes the ports for the first time. */
    start() {
        this.retryTimer = setInterval(() => this.retry(), RETRY_INTERVAL_MS);
        this.ports.refresh();
    }
    close() {
        clearInterval(this.retryTimer);
        clearTimeout(this.newsTimer);
        this.retryTimer = undefined;
        this.links.close();
    }
    news() {
        if (this.retryTimer === undefined || this.newsTimer !== undefined)
            return;
        const waitMs = this.lastNewsMs + NEWS_INTERVAL_MS - performance.now();
        if (waitMs <= 0) {
            this.refreshChanged();
            return;
        }
        this.newsTimer = setTimeout(() => {
            this.newsTimer = undefined;
            this.refreshChanged();
        }, waitMs);
    }
    refreshChanged() {
        this.lastNewsMs = performance.now();
        this.ports.refreshChanged();
    }
    retry() {
        this.retries = (this.retries + 1) % RETRIES_PER_LOOK;
        if (this.retries === 0) {
            this.ports.refresh();
            return;
        }
        this.ports.refreshTroubled();
        // The kernel frees a socket a little later, and a namespace with its last socket. The refresh of all
        // ports, one retry from now, sees the result.
        if (this.retries === RETRIES_PER_LOOK - 1)
            this.ports.releaseNetns();
    }
}
exports.PortWatch = PortWatch;
