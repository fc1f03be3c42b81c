"use strict";
/** Frame I/O of the bridge's ports: the addon moves the frames of a burst. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.NativeIo = void 0;
exports.troublesOf = troublesOf;
const constants_1 = require("../native/constants");
const native_1 = require("../native/native");
const read_1 = require("../wire/read");
/** Maximum number of troubles that one `receive` reports. The next one reports the rest. */
const TROUBLES_AT_ONCE = 62;
class NativeIo {
    burst;
    io;
    signals = new Int32Array(constants_1.Signal.troubles + TROUBLES_AT_ONCE * constants_1.TROUBLE_WORDS);
    /**
     * @param wantsIoUring whether to use io_uring if the kernel has it
     * @throws NativeError when the kernel has no descriptor left.
     */
    constructor(burst, doorbellFd, wantsIoUring) {
        this.burst = burst;
        const { BurstIo } = (0, native_1.native)();
        this.io = new BurstIo(burst, this.signals, wantsIoUring);
        this.io.addDoorbell(doorbellFd);
    }
    /**
     * Adds a port, or replaces the one with the same id. The descriptor is duplicated, so that the caller may
     * close its own.
     * @throws NativeError
     */
    addPort(port, { fd, kind, framing, lengthBytes = 4, rings }) {
        const transport = { fd, kind: constants_1.KINDS[kind], framing: constants_1.FRAMINGS[framing], lengthBytes };
        this.io.addPort(port, rings === undefined ? transport : { ...transport, rings: viewsOf(rings) });
    }
    /** Reason why io_uring is not used: see `NativeBurstIo.whyNoIoUring`. */
    get whyNoIoUring() {
        return this.io.whyNoIoUring;
    }
    removePort(port) {
        this.io.removePort(port);
    }
    /** Sets the time for which `receive` spins before it blocks. */
    setBusyPoll(micros) {
        this.io.setBusyPoll(micros);
    }
    /** See `NativeBurstIo.markDrained`. */
    markDrained(memory, offset) {
        this.io.markDrained(memory, offset);
    }
    receive(waitMs) {
        return this.io.receive(waitMs);
    }
    transmit() {
        return this.io.transmit(this.burst.txCount);
    }
    /** Sends, then receives: see `NativeBurstIo.exchange`. */
    exchange(waitMs) {
        const { txCount, carriedCount } = this.burst;
        return this.io.exchange(txCount, waitMs, carriedCount);
    }
    /** Whether the doorbell woke the last `receive`. */
    get isRung() {
        return this.signals[constants_1.Signal.doorbell] !== 0;
    }
    /** Whether the last `receive` reported troubles of ports. */
    get hasTroubles() {
        return this.signals[constants_1.Signal.troubleCount] !== 0;
    }
    /** Troubles that the last `receive` reported. */
    troubles() {
        return troublesOf(this.signals);
    }
}
exports.NativeIo = NativeIo;
function viewsOf({ incoming, outgoing, peerBellFd }) {
    return { incoming: new Uint8Array(incoming), outgoing: new Uint8Array(outgoing), peerBellFd };
}
/** Decodes the troubles in the signals of a `NativeBurstIo`. */
function troublesOf(signals) {
    const count = (0, read_1.i32At)(signals, constants_1.Signal.troubleCount);
    return Array.from({ length: count }, (_, index) => {
        const at = constants_1.Signal.troubles + index * constants_1.TROUBLE_WORDS;
        return {
            port: (0, read_1.i32At)(signals, at),
            errno: (0, read_1.i32At)(signals, at + 1),
            hasEnded: signals[at + 2] === 1,
        };
    });
}
