"use strict";
/** Waits until a descriptor can be read or written, without blocking a thread. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Readiness = exports.WRITABLE = exports.READABLE = void 0;
const native_1 = require("../native/native");
/** Events, as in epoll_ctl(2). */
exports.READABLE = 0x001;
exports.WRITABLE = 0x004;
class Readiness {
    watch;
    waiters = [];
    /** @throws NativeError when the kernel has no descriptor left. */
    constructor(fd) {
        const { FdWatch } = (0, native_1.native)();
        this.watch = new FdWatch(fd, () => this.wakeAll());
    }
    /**
     * Resolves when one of the events may have come, when the device may be gone, and when `signal` ends the
     * wait. The caller checks which it was, and waits again if there was none.
     */
    wait(events, signal) {
        return new Promise((resolve) => {
            const wake = () => {
                signal?.removeEventListener('abort', giveUp);
                resolve();
            };
            const waiter = { events, wake };
            const giveUp = () => {
                this.waiters = this.waiters.filter((other) => other !== waiter);
                this.arm();
                wake();
            };
            signal?.addEventListener('abort', giveUp);
            this.waiters.push(waiter);
            this.arm();
        });
    }
    wakeAll() {
        const woken = this.waiters;
        this.waiters = [];
        this.watch.disarm();
        for (const { wake } of woken)
            wake();
    }
    /** Ends all waits. */
    close() {
        this.wakeAll();
        this.watch.close();
    }
    arm() {
        const events = this.waiters.reduce((all, waiter) => all | waiter.events, 0);
        if (events === 0)
            this.watch.disarm();
        else
            this.watch.arm(events);
    }
}
exports.Readiness = Readiness;
