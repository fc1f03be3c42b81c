"use strict";
/**
 * An open TAP or TUN device as a stream of packets: Ethernet frames of a TAP, IP packets of a TUN
 * device. There are two ways to read and write, which may be mixed:
 *
 * - one packet at a time, each in memory of its own: `for await (const packet of device)`, `write`;
 * - bursts in reused memory, for speed: `readBurst`, `burst`, `writeBurst`.
 *
 * A read that waits costs no processor time. See docs/tuntap.md.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TunTapDevice = exports.TUNTAP_PORT = void 0;
const node_events_1 = require("node:events");
const node_fs_1 = require("node:fs");
const promises_1 = require("node:timers/promises");
const node_util_1 = require("node:util");
const port_spec_1 = require("../config/values/port-spec");
const burst_1 = require("../frame/burst");
const virtio_1 = require("../wire/virtio");
const transmitter_1 = require("../frame/transmitter");
const constants_1 = require("../native/constants");
const native_1 = require("../native/native");
const manager_1 = require("./manager");
const readiness_1 = require("./readiness");
const async_dispose_1 = require("../system/async-dispose");
const tuntap_error_1 = require("../system/tuntap-error");
const read_1 = require("../wire/read");
/** Port of the device in its burst, for `burst.send`. It is the only one. */
exports.TUNTAP_PORT = 0;
/** Bursts read without a wait after which timers and other I/O of the program get their turn. */
const BURSTS_BETWEEN_TURNS = 16;
/** Maximum number of waiting writes. A program that has more does not await its writes. */
const BLOCKED_WRITES_MAX = 1024;
/** Length of the addon's signals in words: there is room for the trouble of one port. */
const SIGNALS = constants_1.Signal.troubles + constants_1.TROUBLE_WORDS;
const PLAIN_HEADER = new Uint8Array(virtio_1.VNET_HEADER_BYTES);
/** An open TAP or TUN device. `openTap` and `openTun` make it. */
class TunTapDevice extends node_events_1.EventEmitter {
    tap;
    mode;
    name;
    place;
    signal;
    /** Whether opening made the device. Then `close` deletes it, unless it was opened with `persist`. */
    created;
    /** Whether ten bytes of virtio_net_hdr precede each frame of the burst (`offload: true`). */
    hasVnetHeader;
    readiness;
    signals = new Int32Array(SIGNALS);
    /** Made at first use: a program that only writes single packets needs neither of them. */
    ownBurst;
    ownIo;
    /** Index in the burst of the frame that the iteration yields next. */
    nextFrame = 0;
    burstsInARow = 0;
    isReading = false;
    blockedWrites = 0;
    lastBlockedWrite = Promise.resolve();
    /** Set once the device can no longer be used; with a reason unless `close` was called. */
    ended;
    constructor(tap, mode, 
    /** Name that the kernel gave the device. */
    name, place, signal) {
        super();
        this.tap = tap;
        this.mode = mode;
        this.name = name;
        this.place = place;
        this.signal = signal;
        this.created = tap.created;
        this.hasVnetHeader = tap.hasVnetHeader;
        this.readiness = new readiness_1.Readiness(tap.fd);
        signal?.addEventListener('abort', this.abort);
    }
    /** Burst of the kind that the switch uses: packets are indices into its arrays. It is always the same. */
    get burst() {
        this.ownBurst ??= new burst_1.Burst();
        return this.ownBurst;
    }
    /**
     * Waits for packets and reads all that are available into `burst`. They replace the ones before.
     * @returns the number of packets; 0 when the device has been closed
     * @throws TunTapError: `ENODEV` the device was deleted, `EBUSY` another read waits; the signal's
     *   reason
     */
    async readBurst({ signal } = {}) {
        if (this.isReading)
            throw this.error('EBUSY', 'another read is waiting; await it first');
        this.isReading = true;
        try {
            for (;;) {
                signal?.throwIfAborted();
                if (++this.burstsInARow > BURSTS_BETWEEN_TURNS)
                    await this.giveWay();
                const count = this.receive();
                if (count > 0 || this.ended !== undefined)
                    return count;
                this.burstsInARow = 0;
                await this.readiness.wait(readiness_1.READABLE, signal);
            }
        }
        finally {
            this.isReading = false;
        }
    }
    /**
     * Writes the burst's answer: the frames that `burst.send(frame, TUNTAP_PORT)` listed. It waits while the
     * kernel takes no more. Await it before the next `readBurst`, which begins another answer.
     * @returns the number of packets that the kernel refused
     * @throws TunTapError: `ENODEV` the device was deleted, `EBADF` it has been closed
     */
    async writeBurst() {
        const { burst } = this;
        const { txCount } = burst;
        let refused = 0;
        while (burst.txCount > 0) {
            this.requireOpen();
            const failed = this.io.transmit(burst.txCount);
            const blocked = failed === 0 ? 0 : this.keepBlocked(burst);
            refused += failed - blocked;
            burst.txCount = blocked;
            if (blocked > 0)
                await this.readiness.wait(readiness_1.WRITABLE);
        }
        burst.txCount = txCount;
        burst.clearAnswer();
        burst.releaseMade();
        return refused;
    }
    /**
     * Writes one packet. It resolves when the kernel has taken the packet. That is at once, unless too many
     * bytes are on their way (`sendBufferBytes`). The bytes must not change before that.
     * @throws TunTapError: `EIO` the interface is down, `EINVAL` no packet, `ENODEV` the device was
     *   deleted, `EBADF` it has been closed, `ENOBUFS` a thousand writes are waiting already
     */
    async write(packet) {
        if (this.blockedWrites === 0 && this.tryWrite(packet))
            return;
        if (this.blockedWrites >= BLOCKED_WRITES_MAX) {
            throw this.error('ENOBUFS', `${BLOCKED_WRITES_MAX} writes are waiting; await them first`);
        }
        this.blockedWrites++;
        const written = this.lastBlockedWrite.then(async () => {
            try {
                while (!this.tryWrite(packet))
                    await this.readiness.wait(readiness_1.WRITABLE);
            }
            finally {
                this.blockedWrites--;
            }
        });
        this.lastBlockedWrite = written.catch(() => undefined);
        await written;
    }
    /**
     * Packets as they arrive, each in memory of its own, until the device is closed. An iteration that is left
     * early loses no packet: the next one continues where it ended.
     * @throws TunTapError `ENODEV` where the device is deleted; the reason of the signal
     */
    async *[Symbol.asyncIterator]() {
        const { burst } = this;
        for (;;) {
            while (this.nextFrame < burst.receivedCount)
                yield Buffer.from(burst.bytes(this.nextFrame++));
            if ((await this.readBurst()) === 0)
                return;
            this.nextFrame = 0;
        }
    }
    /** Changes settings of the device: all of them, or none. @throws TunTapError as `configureTap` does */
    configure(settings) {
        this.requireOpen();
        (0, manager_1.configureTap)(this.name, settings, this.place);
    }
    /**
     * Closes the device. The kernel deletes it, unless it persists or existed before. A waiting read ends.
     * Further calls have no effect.
     */
    close() {
        this.ended ??= {};
        this.signal?.removeEventListener('abort', this.abort);
        this.readiness.close();
        this.ownIo?.close();
        this.tap.close();
    }
    /** Closes the device at the end of `await using`. */
    [async_dispose_1.asyncDispose]() {
        this.close();
        return Promise.resolve();
    }
    abort = () => {
        this.ended ??= { reason: this.signal?.reason };
        this.close();
    };
    /** Reads the packets that are available. @returns their number; 0 also when the device has been closed */
    receive() {
        const { burst } = this;
        burst.begin(0);
        if (this.ended !== undefined) {
            if ('reason' in this.ended)
                throw this.ended.reason;
            return 0;
        }
        burst.begin(this.io.receive(0));
        this.nextFrame = burst.receivedCount;
        if (this.signals[constants_1.Signal.troubleCount] !== 0)
            throw this.lose();
        return burst.receivedCount;
    }
    async giveWay() {
        this.burstsInARow = 0;
        await (0, promises_1.setImmediate)();
    }
    /** Keeps those entries of the answer that the kernel may take later. @returns their number */
    keepBlocked(burst) {
        const { txFrame, txTag, txStatus, txCount } = burst;
        let blocked = 0;
        for (let entry = 0; entry < txCount; entry++) {
            if (txStatus[entry] === transmitter_1.Errno.EBADFD)
                throw this.lose();
            if (txStatus[entry] !== transmitter_1.Errno.EAGAIN)
                continue;
            txFrame[blocked] = (0, read_1.i32At)(txFrame, entry);
            txTag[blocked++] = (0, read_1.i32At)(txTag, entry);
        }
        return blocked;
    }
    /** @returns false where the kernel takes no more at the moment */
    tryWrite(packet) {
        this.requireOpen();
        try {
            (0, node_fs_1.writevSync)(this.tap.fd, this.hasVnetHeader ? [PLAIN_HEADER, packet] : [packet]);
            return true;
        }
        catch (error) {
            const { errno } = error;
            if (errno === undefined)
                throw error;
            if (-errno === transmitter_1.Errno.EAGAIN)
                return false;
            throw this.explainWrite(-errno, packet.length);
        }
    }
    explainWrite(errno, lengthBytes) {
        switch (errno) {
            case transmitter_1.Errno.EBADFD:
                return this.lose();
            case transmitter_1.Errno.EIO:
                return this.error('EIO', 'the interface is down (EIO); set it up', 'write');
            default: {
                const code = (0, node_util_1.getSystemErrorName)(-errno);
                return this.error(code, `the kernel refuses ${lengthBytes} bytes (${code})`, 'write');
            }
        }
    }
    /** Notes that the device was deleted. @returns the error for this and all later calls */
    lose() {
        const reason = this.error('ENODEV', 'the device has been deleted (ENODEV)');
        this.ended = { reason };
        this.readiness.wakeAll();
        this.emit('gone');
        return reason;
    }
    requireOpen() {
        if (this.ended === undefined)
            return;
        if ('reason' in this.ended)
            throw this.ended.reason;
        throw this.error('EBADF', 'has been closed (EBADF)');
    }
    /** Burst I/O of the addon. The device must be open. */
    get io() {
        if (this.ownIo === undefined) {
            const { BurstIo } = (0, native_1.native)();
            this.ownIo = new BurstIo(this.burst, this.signals, false);
            this.ownIo.addPort(exports.TUNTAP_PORT, {
                fd: this.tap.fd,
                kind: constants_1.KINDS.device,
                framing: this.hasVnetHeader ? constants_1.FRAMINGS.vnet : constants_1.FRAMINGS.plain,
                lengthBytes: 0,
            });
        }
        return this.ownIo;
    }
    error(code, message, syscall) {
        return new tuntap_error_1.TunTapError(code, `${(0, port_spec_1.portLabel)({ ...this.place, name: this.name })}: ${message}`, {
            syscall,
        });
    }
}
exports.TunTapDevice = TunTapDevice;
