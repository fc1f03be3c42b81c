"use strict";
/**
 * Ports in memory: a switch inside a test, without root, with the code path of the real one.
 *
 * `MemoryIo` drives one bridge. A frame that a test sends into a port goes through the bridge at once, within
 * the call of `send`. When `send` returns, `received` has the frames that the switch sent.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MemoryIo = exports.MemoryPort = void 0;
const burst_1 = require("../frame/burst");
const tag_operation_1 = require("../frame/tag-operation");
const virtio_1 = require("../wire/virtio");
const transmitter_1 = require("../frame/transmitter");
const manual_clock_1 = require("./manual-clock");
const read_1 = require("../wire/read");
const DEFAULT_MTU_BYTES = 1500;
const DEFAULT_QUEUE_FRAMES = 65_536;
const PLAIN = new Uint8Array(virtio_1.VNET_HEADER_BYTES);
/** Longest time between two ticks of `advance`. The data plane's loop uses 250 ms. */
const TICK_INTERVAL_MS = 100;
/** The host's end of a port. `MemoryIo.port` makes it. */
class MemoryPort {
    id;
    name;
    io;
    /** Frames that the switch sent out of this port, oldest first. A test may empty it. */
    received = [];
    /** Vnet headers of these frames, if the port takes offloads. */
    receivedHeaders = [];
    takesOffloads;
    queueFrames;
    /** Told of each frame that the switch sends out of this port. It may enqueue frames, and must not run the bridge. */
    listener = undefined;
    constructor(id, name, io, options) {
        this.id = id;
        this.name = name;
        this.io = io;
        this.takesOffloads = options.takesOffloads ?? false;
        this.queueFrames = options.queueFrames ?? DEFAULT_QUEUE_FRAMES;
    }
    /**
     * Sends frames into the switch, which forwards them.
     * @throws RangeError for a frame that is longer than a TAP takes.
     */
    send(...frames) {
        for (const bytes of frames)
            this.io.enqueue(this, { bytes, vnetHeader: PLAIN });
        this.io.run();
    }
    /** Sends a frame with a virtio network header: a super-frame, or one with a partial checksum. */
    sendOffloaded(vnetHeader, bytes) {
        this.io.enqueue(this, { bytes, vnetHeader });
        this.io.run();
    }
    /** Empties `received`. @returns the frames that it had */
    take() {
        const taken = this.received;
        this.received = [];
        this.receivedHeaders = [];
        return taken;
    }
    setUp(isUp) {
        this.io.bridge.setPortUp(this.id, isUp);
    }
    setMtu(mtuBytes) {
        this.io.bridge.setPortMtu(this.id, mtuBytes);
    }
}
exports.MemoryPort = MemoryPort;
class MemoryIo {
    bridge;
    clock;
    ports = [];
    pending = [];
    constructor(bridge, clock = new manual_clock_1.ManualClock()) {
        this.bridge = bridge;
        this.clock = clock;
        bridge.connect(this);
    }
    /** Adds a port to the bridge, up and forwarding. */
    port(name, options = {}) {
        const port = new MemoryPort(this.ports.length, name, this, options);
        this.bridge.addPort(port.id, {
            ...options.bridge,
            name,
            mtuBytes: options.mtuBytes ?? DEFAULT_MTU_BYTES,
            takesOffloads: port.takesOffloads,
            isUp: true,
        });
        this.ports.push(port);
        return port;
    }
    /**
     * Advances the clock. On the way it ticks the bridge when a protocol timer is due, and at least every
     * 100 ms.
     */
    advance(byMs) {
        const endMs = this.clock.nowMs + byMs;
        while (this.clock.nowMs < endMs)
            this.step(Math.min(this.stepMs, endMs - this.clock.nowMs));
    }
    /** Milliseconds until the next tick is due. */
    get stepMs() {
        return Math.min(Math.max(this.bridge.dueMs - this.clock.nowMs, 1), TICK_INTERVAL_MS);
    }
    /** Advances the clock in one step, and ticks the bridge. */
    step(byMs) {
        this.clock.advance(byMs);
        this.bridge.burst.clock[0] = this.clock.nowMs;
        this.bridge.tick();
        this.bridge.flush();
    }
    get hasPending() {
        return this.pending.length > 0;
    }
    enqueue(port, sent) {
        if (sent.bytes.length > burst_1.MAX_FRAME_BYTES) {
            throw new RangeError(`a frame of ${sent.bytes.length} bytes: a TAP takes ${burst_1.MAX_FRAME_BYTES}`);
        }
        this.pending.push({ port, sent });
    }
    /** Forwards all pending frames. */
    run() {
        while (this.hasPending)
            this.runBurst();
    }
    /** Forwards as many pending frames as a burst holds. */
    runBurst() {
        this.bridge.handleBurst(this.receive());
    }
    receive() {
        const { burst } = this.bridge;
        burst.clock[0] = this.clock.nowMs;
        let at = 0;
        let count = 0;
        while (count < burst.receiveFrames && at < burst.receiveBytes) {
            const next = this.pending.shift();
            if (next === undefined)
                break;
            at = (0, burst_1.align)(at) + burst_1.HEADROOM_BYTES;
            burst.u8.set(next.sent.vnetHeader, at - virtio_1.VNET_HEADER_BYTES);
            burst.u8.set(next.sent.bytes, at);
            burst.offset[count] = at;
            burst.length[count] = next.sent.bytes.length;
            burst.ingress[count] = next.port.id;
            at += next.sent.bytes.length;
            count++;
        }
        return count;
    }
    transmit() {
        const { burst } = this.bridge;
        let failed = 0;
        for (let entry = 0; entry < burst.txCount; entry++) {
            const port = this.ports[(0, read_1.i32At)(burst.txPort, entry)];
            const frame = (0, read_1.i32At)(burst.txFrame, entry);
            const isFull = port.received.length >= port.queueFrames;
            burst.txStatus[entry] = isFull ? transmitter_1.Errno.EAGAIN : 0;
            if (isFull) {
                failed++;
                continue;
            }
            const leaving = this.leaving(frame, (0, read_1.i32At)(burst.txTag, entry));
            const bytes = leaving.slice(virtio_1.VNET_HEADER_BYTES);
            port.received.push(bytes);
            port.listener?.(bytes);
            if (port.takesOffloads)
                port.receivedHeaders.push(leaving.slice(0, virtio_1.VNET_HEADER_BYTES));
        }
        return failed;
    }
    /** Vnet header and frame as they leave, with the tag operation carried out. */
    leaving(frame, tag) {
        const { u8, offset, length } = this.bridge.burst;
        const at = (0, read_1.i32At)(offset, frame);
        const lengthBytes = (0, read_1.i32At)(length, frame);
        const leaving = new Uint8Array(virtio_1.VNET_HEADER_BYTES + lengthBytes + (0, tag_operation_1.shiftOf)(tag));
        (0, tag_operation_1.writeAsItLeaves)(u8, at, lengthBytes, tag, leaving, virtio_1.VNET_HEADER_BYTES);
        return leaving;
    }
}
exports.MemoryIo = MemoryIo;
