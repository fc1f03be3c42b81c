"use strict";
/**
 * One capture, on the data-plane thread. It selects frames and writes each of them as a block of
 * pcapng into the capture ring. Frames for which there is no room are lost and counted.
 *
 * Blocks reach the reader with `commit`, and until `keep` they can be taken back. So a frame is
 * written before the port has taken it: once the result is known, the frame may be gone from the
 * burst.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.CaptureWriter = void 0;
const filter_program_1 = require("./filter-program");
const frame_fields_1 = require("./frame-fields");
const pcapng_1 = require("../wire/pcapng");
const tag_operation_1 = require("../frame/tag-operation");
const virtio_1 = require("../wire/virtio");
const ring_1 = require("../frame/ring");
const read_1 = require("../wire/read");
const NS_PER_MS = 1e6;
const WORD = 2 ** 32;
/** Verdicts of the filter about a frame. */
const UNKNOWN = 0;
const WANTED = 1;
const UNWANTED = 2;
/** Size up to which a loop over words is faster than a view of the bytes, which is an object. */
const COPY_BY_WORDS_BYTES = 256;
/** A port, as an interface of the capture. */
class Interface {
    /** Number of the interface in the stream, from zero; -1 until the stream describes it. */
    id = -1;
    received = 0;
    lost = 0;
    /** Frames lost since the last one that was written. */
    lostSince = 0;
    /** Whether the fields have changed since the last `keep`; `old` has their values of then. */
    hasChanged = false;
    old = { id: -1, received: 0, lost: 0, lostSince: 0 };
    keep() {
        this.hasChanged = true;
        const { old } = this;
        old.id = this.id;
        old.received = this.received;
        old.lost = this.lost;
        old.lostSince = this.lostSince;
    }
    rollBack() {
        Object.assign(this, this.old);
    }
}
class CaptureWriter {
    id;
    setup;
    burst;
    nameOf;
    wantsIn;
    wantsOut;
    ring;
    ports;
    /** Interfaces of the present ports, by port id. */
    interfaces = [];
    /** Interfaces that the stream describes, also of ports that were removed. */
    described = [];
    /** Interfaces changed since the last `keep`: the first `changedCount` entries. */
    changed = [];
    changedCount = 0;
    oldRemaining;
    oldDescribedCount = 0;
    remaining;
    frameWords;
    fields = new frame_fields_1.FrameFields();
    /** Verdict of the filter by frame of the burst; `UNKNOWN` where the filter has not run. */
    verdicts;
    /** Head of the frame that is being written. It is reused: there are hundreds of thousands a second. */
    head = {
        interfaceId: 0,
        direction: pcapng_1.Direction.In,
        timeHigh: 0,
        timeLow: 0,
        lengthBytes: 0,
        keptBytes: 0,
        lostCount: 0,
    };
    stampMs = Number.NaN;
    epochHigh;
    epochLow;
    /**
     * @param id chosen by the caller, who gets it back with every report
     * @param nameOf name of a port, by id
     */
    constructor(id, setup, burst, nameOf) {
        this.id = id;
        this.setup = setup;
        this.burst = burst;
        this.nameOf = nameOf;
        this.ring = new ring_1.RingWriter(setup.ring);
        this.ports = setup.ports === undefined ? undefined : new Set(setup.ports);
        this.remaining = setup.count ?? Number.POSITIVE_INFINITY;
        this.oldRemaining = this.remaining;
        this.frameWords = new Int32Array(burst.arena);
        this.verdicts = new Uint8Array(burst.offset.length);
        this.epochHigh = Number(setup.epochNs >> 32n);
        this.epochLow = Number(BigInt.asUintN(32, setup.epochNs));
        this.wantsIn = setup.directions.includes(pcapng_1.Direction.In);
        this.wantsOut = setup.directions.includes(pcapng_1.Direction.Out);
    }
    /** Whether it captures frames of the port. */
    wantsPort(port) {
        return this.ports?.has(port) ?? true;
    }
    /** Whether `count` frames were written. */
    get isComplete() {
        return this.remaining === 0;
    }
    counts() {
        return this.described.map(({ id, received, lost }) => ({ id, received, lost }));
    }
    /** @returns whether the reader must be woken, because it has read everything. */
    shouldTell() {
        return this.ring.shouldTell();
    }
    /** Forgets a removed port. The next port with this id is another interface. */
    forget(port) {
        this.interfaces[port] = undefined;
    }
    /** Discards the verdicts from this frame on, because the burst holds other frames there now. */
    renew(frame) {
        this.verdicts.fill(UNKNOWN, frame);
    }
    /**
     * Writes a frame of the burst, if it is one of those that are wanted.
     * @param tag what happens to its outer tag on the way out (`frame/tag-operation.ts`): the filter sees
     *   and the capture holds the frame as it leaves
     */
    show(frame, port, direction, tag = tag_operation_1.AS_IT_IS) {
        const { ports, setup } = this;
        if (this.remaining === 0 || (ports !== undefined && !ports.has(port)))
            return;
        const leaving = tag === tag_operation_1.AS_IT_IS ? undefined : this.leaving(frame, tag);
        if (setup.filter.start !== filter_program_1.ACCEPT && !this.isWanted(frame, leaving))
            return;
        const on = (this.interfaces[port] ??= new Interface());
        if (!on.hasChanged) {
            on.keep();
            this.changed[this.changedCount++] = on;
        }
        on.received++;
        if (this.isDescribed(on, port) && this.write(frame, on, direction, leaving)) {
            on.lostSince = 0;
            this.remaining--;
        }
        else {
            on.lost++;
            on.lostSince++;
        }
    }
    /** Keeps the written blocks: `rollBack` no longer takes them back. */
    keep() {
        this.forgetChanges();
        this.ring.keep();
    }
    /** Keeps the written blocks and hands them over. @returns whether there were any */
    commit() {
        this.keep();
        return this.ring.commit();
    }
    /** Takes back the blocks written since the last `keep` or `commit`. */
    rollBack() {
        for (let index = 0; index < this.changedCount; index++)
            this.changed[index]?.rollBack();
        this.remaining = this.oldRemaining;
        this.described.length = this.oldDescribedCount;
        this.forgetChanges();
        this.ring.rollBack();
    }
    forgetChanges() {
        for (let index = 0; index < this.changedCount; index++) {
            this.changed[index].hasChanged = false;
        }
        // Shortening the array would take as long as writing a frame.
        this.changedCount = 0;
        this.oldRemaining = this.remaining;
        this.oldDescribedCount = this.described.length;
    }
    /** A copy of the frame as it leaves with a tag operation. Few frames have one. */
    leaving(frame, tag) {
        const { u8, offset, length } = this.burst;
        const lengthBytes = (0, read_1.i32At)(length, frame);
        const out = new Uint8Array(virtio_1.VNET_HEADER_BYTES + lengthBytes + (0, tag_operation_1.shiftOf)(tag));
        (0, tag_operation_1.writeAsItLeaves)(u8, (0, read_1.i32At)(offset, frame), lengthBytes, tag, out, virtio_1.VNET_HEADER_BYTES);
        return out.subarray(virtio_1.VNET_HEADER_BYTES);
    }
    /**
     * Asks the filter once per frame, however many ports the frame leaves from as it lies in the burst.
     * @param leaving the frame as it leaves, where that differs
     */
    isWanted(frame, leaving) {
        const { burst, fields, verdicts } = this;
        if (leaving !== undefined) {
            fields.read(leaving, 0, leaving.length, this.setup.filter.parts);
            return (0, filter_program_1.isAccepted)(this.setup.filter, fields);
        }
        if (verdicts[frame] === UNKNOWN) {
            const { filter } = this.setup;
            const at = (0, read_1.i32At)(burst.offset, frame);
            fields.read(burst.u8, at, at + (0, read_1.i32At)(burst.length, frame), filter.parts);
            verdicts[frame] = (0, filter_program_1.isAccepted)(filter, fields) ? WANTED : UNWANTED;
        }
        return verdicts[frame] === WANTED;
    }
    write(frame, { id, lostSince }, direction, leaving) {
        const { burst, head, ring, setup } = this;
        const lengthBytes = leaving === undefined ? (0, read_1.i32At)(burst.length, frame) : leaving.length;
        const keptBytes = Math.min(lengthBytes, setup.snapBytes);
        const blockBytes = (0, pcapng_1.enhancedPacketBytes)(keptBytes, lostSince);
        const at = ring.append(blockBytes);
        if (at < 0)
            return false;
        this.stamp();
        head.interfaceId = id;
        head.direction = direction;
        head.lengthBytes = lengthBytes;
        head.keptBytes = keptBytes;
        head.lostCount = lostSince;
        const to = (0, pcapng_1.writePacketHead)(ring.words, at, head);
        if (leaving === undefined)
            this.copy((0, read_1.i32At)(burst.offset, frame), keptBytes, to);
        else
            ring.bytes.set(leaving.subarray(0, keptBytes), to);
        return true;
    }
    /** @param from arena offset of the frame; like `to`, a multiple of four */
    copy(from, sizeBytes, to) {
        const { burst, frameWords, ring } = this;
        if (sizeBytes > COPY_BY_WORDS_BYTES) {
            ring.bytes.set(burst.u8.subarray(from, from + sizeBytes), to);
            return;
        }
        let done = 0;
        for (; done + 4 <= sizeBytes; done += 4) {
            ring.words[(to + done) >> 2] = (0, read_1.i32At)(frameWords, (from + done) >> 2);
        }
        for (; done < sizeBytes; done++)
            ring.bytes[to + done] = (0, read_1.u8At)(burst.u8, from + done);
    }
    /** Describes an interface in front of its first frame. @returns false if there is no room */
    isDescribed(on, port) {
        if (on.id >= 0)
            return true;
        const block = (0, pcapng_1.interfaceDescription)(this.nameOf(port), this.setup.snapBytes);
        const at = this.ring.append(block.length);
        if (at < 0)
            return false;
        this.ring.bytes.set(block, at);
        on.id = this.described.length;
        this.described.push(on);
        return true;
    }
    /** Sets the timestamp, one for all frames of a burst. In numbers: a bigint is a heap object. */
    stamp() {
        const nowMs = (0, read_1.f64At)(this.burst.clock, 0);
        if (nowMs === this.stampMs)
            return;
        this.stampMs = nowMs;
        const sinceEpochNs = Math.round(nowMs * NS_PER_MS);
        const low = this.epochLow + (sinceEpochNs % WORD);
        this.head.timeHigh =
            (this.epochHigh + Math.floor(sinceEpochNs / WORD) + (low < WORD ? 0 : 1)) | 0;
        this.head.timeLow = low | 0;
    }
}
exports.CaptureWriter = CaptureWriter;
