"use strict";
/**
 * Events of stations: a bounded ring of numbers that the hot path writes and the control plane drains. When
 * the ring is full, the newest events are counted as lost, and the frames go on.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.EventLog = exports.EventKind = void 0;
exports.decodeEvents = decodeEvents;
const mac_1 = require("../wire/mac");
const read_1 = require("../wire/read");
exports.EventKind = {
    Learn: 0,
    Move: 1,
    Age: 2,
    /** A station moves back and forth: the network has a loop, or two hosts have one address. */
    Flapping: 3,
    /** A host sends with the switch's own MAC address. */
    OwnSource: 4,
    /** The kernel refused an offload on this port. The port gets plain frames for a while. */
    OffloadRefused: 5,
    /** A station was evicted for this one, because the table, or the share of its port, is full. */
    Limit: 6,
    /** A storm limit of the port drops frames. */
    Storm: 7,
    /** A station sends from a port where it may not. */
    Violation: 8,
};
const EVENT_NAMES = [
    'learn',
    'move',
    'age',
    'flapping',
    'own-source',
    'offload-refused',
    'limit',
    'storm',
    'violation',
];
const KIND = 0;
const PORT = 1;
const FROM_PORT = 2;
const HI16 = 3;
const LO32 = 4;
const VLAN = 5;
const AT_MS = 6;
const FIELDS = 7;
const DEFAULT_CAPACITY = 1024;
class EventLog {
    fields;
    capacity;
    count = 0;
    lostCount = 0;
    constructor(capacity = DEFAULT_CAPACITY) {
        this.capacity = capacity;
        this.fields = new Float64Array(capacity * FIELDS);
    }
    get size() {
        return this.count;
    }
    add(kind, port, fromPort, hi16, lo32, vlan, atMs) {
        if (this.count === this.capacity) {
            this.lostCount++;
            return;
        }
        const at = this.count * FIELDS;
        const fields = this.fields;
        fields[at + KIND] = kind;
        fields[at + PORT] = port;
        fields[at + FROM_PORT] = fromPort;
        fields[at + HI16] = hi16;
        fields[at + LO32] = lo32;
        fields[at + VLAN] = vlan;
        fields[at + AT_MS] = atMs;
        this.count++;
    }
    /** Removes all events and returns them, oldest first, with the number of events lost since the last call. */
    drain() {
        const { fields, lost } = this.takeFields();
        return { events: decodeEvents(fields), lost };
    }
    /** Removes all events and returns them undecoded, for callers without time: `decodeEvents` decodes them. */
    takeFields() {
        const fields = this.fields.slice(0, this.count * FIELDS);
        const lost = this.lostCount;
        this.count = 0;
        this.lostCount = 0;
        return { fields, lost };
    }
}
exports.EventLog = EventLog;
/** Decodes events. @param fields those of `EventLog.takeFields` */
function decodeEvents(fields) {
    const events = [];
    for (let at = 0; at < fields.length; at += FIELDS) {
        const field = (index) => (0, read_1.f64At)(fields, at + index);
        events.push({
            event: EVENT_NAMES[field(KIND)],
            atMs: field(AT_MS),
            port: field(PORT),
            fromPort: field(FROM_PORT),
            mac: (0, mac_1.formatMac)(field(HI16), field(LO32)),
            vlan: field(VLAN),
        });
    }
    return events;
}
