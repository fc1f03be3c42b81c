"use strict";
/**
 * The counters of a port: doubles in memory that another thread may read while they grow. One
 * thread writes. A double counts exactly up to 2^53: 285 years at a million frames per second.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Counters = exports.COUNTERS_PER_PORT = exports.DROPS = exports.COUNTERS = exports.Counter = void 0;
const read_1 = require("../wire/read");
const drop_reason_1 = require("./drop-reason");
const room_list_1 = require("./room-list");
exports.Counter = {
    RxFrames: 0,
    RxBytes: 1,
    RxMulticast: 2,
    RxBroadcast: 3,
    /** Frames from this port that went to every other port. */
    RxFlooded: 4,
    TxFrames: 5,
    TxBytes: 6,
    /** Stations that were learned here. */
    Learned: 7,
    /** Stations that moved here from another port. */
    MovedHere: 8,
};
const OWN_COUNTERS = [
    { name: 'rx-frames', meaning: 'Frames received from the port.' },
    {
        name: 'rx-bytes',
        meaning: 'Bytes of the received frames, from destination address to the end.',
    },
    { name: 'rx-multicast', meaning: 'Received frames to a group, without broadcasts.' },
    { name: 'rx-broadcast', meaning: 'Received broadcasts.' },
    { name: 'rx-flooded', meaning: 'Received frames that went to every other port.' },
    { name: 'tx-frames', meaning: 'Frames that the port took.' },
    { name: 'tx-bytes', meaning: 'Bytes of the frames that the port took.' },
    { name: 'learned', meaning: 'Stations learned on the port.' },
    { name: 'moved-here', meaning: 'Stations that moved to the port from another.' },
];
/** Every counter that is not a drop reason, in the order of a port's memory. */
exports.COUNTERS = [...OWN_COUNTERS, ...(0, room_list_1.countersOf)(room_list_1.ROOM_LIST)];
/** Every drop reason: the bridge's own, then those of the rooms. */
exports.DROPS = [...drop_reason_1.DROP_REASONS, ...(0, room_list_1.dropsOf)(room_list_1.ROOM_LIST)];
/** Number of counters of one port: those above, then one for each drop reason. */
exports.COUNTERS_PER_PORT = exports.COUNTERS.length + exports.DROPS.length;
class Counters {
    rooms;
    /** Values of all ports, `perPort` each: counters of the bridge, of the rooms, and then the drops of both. */
    values;
    counterTexts;
    dropTexts;
    perPort;
    firstDrop;
    /**
     * @param memory of an earlier `Counters`, to read it from another thread. Untouched memory costs nothing,
     * so there may be room for far more ports than there are.
     * @param rooms rooms whose counters and drop reasons there are; by default, those of every bridge
     */
    constructor(maxPorts, memory, rooms = room_list_1.ROOM_LIST) {
        this.rooms = rooms;
        this.counterTexts = [...OWN_COUNTERS, ...(0, room_list_1.countersOf)(rooms)];
        this.dropTexts = [...drop_reason_1.DROP_REASONS, ...(0, room_list_1.dropsOf)(rooms)];
        this.firstDrop = this.counterTexts.length;
        this.perPort = this.firstDrop + this.dropTexts.length;
        const sizeBytes = maxPorts * this.perPort * Float64Array.BYTES_PER_ELEMENT;
        this.values = new Float64Array(memory ?? new SharedArrayBuffer(sizeBytes));
    }
    get memory() {
        return this.values.buffer;
    }
    add(port, counter, amount) {
        const at = port * this.perPort + counter;
        this.values[at] = this.values[at] + amount;
    }
    /**
     * Counts frames and their bytes, once for each run of frames with the same port. A negative port is not
     * counted.
     * @param from the first frame
     * @param count one more than the last
     * @param frames the counter of frames
     * @param bytes the counter of bytes
     */
    addRuns(from, count, ports, lengths, frames, bytes) {
        let start = from;
        while (start < count) {
            const port = ports[start];
            let sumBytes = 0;
            let end = start;
            while (end < count && ports[end] === port)
                sumBytes += lengths[end++];
            if (port >= 0) {
                this.add(port, frames, end - start);
                this.add(port, bytes, sumBytes);
            }
            start = end;
        }
    }
    drop(port, reason) {
        this.increment(port, this.firstDrop + reason);
    }
    /** Makes the sink of the room with this name. */
    sinkOf(name) {
        const before = Object.fromEntries(Object.entries(this.rooms).slice(0, Object.keys(this.rooms).indexOf(name)));
        const firstCounter = OWN_COUNTERS.length + (0, room_list_1.countersOf)(before).length;
        const firstDrop = this.firstDrop + drop_reason_1.DROP_REASONS.length + (0, room_list_1.dropsOf)(before).length;
        return {
            count: (counter, port) => this.increment(port, firstCounter + counter),
            drop: (reason, port) => this.increment(port, firstDrop + reason),
        };
    }
    get(port, counter) {
        return this.values[port * this.perPort + counter];
    }
    getDrops(port, reason) {
        return this.values[port * this.perPort + this.firstDrop + reason];
    }
    /** Clears the counts of a removed port, because its id will be reused. */
    clear(port) {
        this.values.fill(0, port * this.perPort, (port + 1) * this.perPort);
    }
    read(port) {
        const at = port * this.perPort;
        const named = (texts, from) => Object.fromEntries(texts.map(({ name }, index) => [name, this.values[from + index]]));
        return {
            counters: named(this.counterTexts, at),
            drops: named(this.dropTexts, at + this.firstDrop),
        };
    }
    increment(port, index) {
        const at = port * this.perPort + index;
        this.values[at] = (0, read_1.f64At)(this.values, at) + 1;
    }
}
exports.Counters = Counters;
