"use strict";
/**
 * What the bridge knows of its ports, as arrays indexed by port id, so that the hot path loads a
 * number where it would otherwise follow an object. Ids are small and are used again.
 *
 * The table knows nothing of devices; it is told what became of them.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.PortTable = exports.DEFAULT_FLAGS = exports.FLOOD_CLASSES = exports.PortAbility = exports.PORT_STATES = exports.PortState = void 0;
const ethernet_1 = require("../wire/ethernet");
/** What the active topology lets a port do while its link is up (IEEE 802.1Q-2022 8.4). */
exports.PortState = {
    /** Switched off by an operator or a protocol. It does what a discarding port does. */
    Disabled: 0,
    /** It neither learns nor forwards. */
    Discarding: 1,
    /** It learns, and does not forward. */
    Learning: 2,
    Forwarding: 3,
};
/** States by the words of rooms, in the order of their numbers. */
exports.PORT_STATES = [
    'disabled',
    'discarding',
    'learning',
    'forwarding',
];
/**
 * What link, state and flags together allow a port, as bits of one word. A port that is down has none of
 * the first three.
 */
exports.PortAbility = {
    /** It sends and receives what concerns its link alone. */
    Link: 1,
    /** Source addresses are learned there. */
    Learn: 2,
    /** Frames are forwarded from and to it. */
    Forward: 4,
    /** No frame goes from it to another port that has this bit. */
    Isolated: 8,
    /** Frames may leave from it that came from it. */
    Hairpin: 16,
    /** It forwards a frame only if the FDB has the source there. */
    Locked: 32,
    /** The bridge filters by VLAN. All ports have this bit, or none. */
    FiltersVlans: 64,
    /** Its floods are limited: `storm.ts`. */
    Storm: 256,
    /** Not every station may send from it: `port-security.ts`. */
    Secured: 512,
    /** It is the target of a mirror, and takes part in nothing else: `mirrors.ts`. */
    MirrorTarget: 1024,
};
const { FiltersVlans, Forward, Hairpin, Isolated, Learn, Link, Locked, MirrorTarget } = exports.PortAbility;
/** What a flood may be of, as far as a port may have no part in it. */
exports.FLOOD_CLASSES = ['unknown', 'multicast', 'broadcast'];
exports.DEFAULT_FLAGS = {
    isolated: false,
    learning: true,
    flood: true,
    mcastFlood: true,
    bcastFlood: true,
    hairpin: false,
    locked: false,
};
const FLAG_NAMES = Object.keys(exports.DEFAULT_FLAGS);
const FLAG_OF_CLASS = {
    unknown: 'flood',
    multicast: 'mcastFlood',
    broadcast: 'bcastFlood',
};
class PortTable {
    maxPorts;
    /** Ids of the ports that forward, ascending. */
    forwarding = new Int32Array(0);
    /** Those of them that have part in a flood. Lists are made when a port changes, not for each frame. */
    floodTo = {
        unknown: this.forwarding,
        multicast: this.forwarding,
        broadcast: this.forwarding,
    };
    /** Ids of the ports that hear every ARP and ND request. */
    requestListeners = [];
    /** Times that a port began to forward, or that its flags changed. */
    beganCount = 0;
    /** Rises with each change of the lists above. */
    generation = 0;
    /** Port → its `PortState`, also while it is down. */
    states;
    /** Port → bits of `PortAbility`, so that one load tells them all. */
    ableTo;
    /** Port → the bits of them that `setGuard` has set. */
    guards;
    mtuBytes;
    /** Zero while the port is down, so that one comparison tells most of what egress must know. */
    longest;
    offloads;
    flags = [];
    names = [];
    filtersVlans = false;
    constructor(maxPorts) {
        this.maxPorts = maxPorts;
        this.states = new Uint8Array(maxPorts);
        this.ableTo = new Uint16Array(maxPorts);
        this.guards = new Uint16Array(maxPorts);
        this.mtuBytes = new Int32Array(maxPorts);
        this.longest = new Int32Array(maxPorts);
        this.offloads = new Uint8Array(maxPorts);
    }
    /** @throws RangeError for an id outside the table or one in use. */
    add(port, settings) {
        if (!Number.isInteger(port) || port < 0 || port >= this.maxPorts) {
            throw new RangeError(`port id ${port}: not in 0 … ${this.maxPorts - 1}`);
        }
        if (this.names[port] !== undefined)
            throw new RangeError(`port id ${port}: in use`);
        this.names[port] = settings.name;
        this.setOffloads(port, settings.takesOffloads);
        this.setMtu(port, settings.mtuBytes);
        this.setHearsRequests(port, settings.hearsRequests === true);
        this.states[port] = exports.PortState.Forwarding;
        this.flags[port] = { ...exports.DEFAULT_FLAGS, ...flagsIn(settings) };
        this.setUp(port, settings.isUp);
    }
    remove(port) {
        this.setUp(port, false);
        this.setHearsRequests(port, false);
        this.names[port] = undefined;
        this.guards[port] = 0;
    }
    has(port) {
        return this.names[port] !== undefined;
    }
    name(port) {
        return this.names[port] ?? `#${port}`;
    }
    ids() {
        return [...this.names.keys()].filter((port) => this.has(port));
    }
    /** Bits of `PortAbility`. */
    abilities(port) {
        return this.ableTo[port];
    }
    isUp(port) {
        return (this.ableTo[port] & Link) !== 0;
    }
    /** Whether source addresses are learned there: it is up, learning or forwarding, and may learn. */
    learns(port) {
        return (this.ableTo[port] & Learn) !== 0;
    }
    /** Whether frames are forwarded from and to it: it is up and forwarding. */
    forwards(port) {
        return (this.ableTo[port] & Forward) !== 0;
    }
    setUp(port, isUp) {
        this.settle(port, isUp);
        this.setLongest(port);
    }
    /** The state of a port, which is forwarding unless set. A port that is down keeps its state. */
    state(port) {
        return this.states[port];
    }
    setState(port, state) {
        this.states[port] = state;
        this.settle(port, this.isUp(port));
    }
    flagsOf(port) {
        return this.flags[port] ?? exports.DEFAULT_FLAGS;
    }
    /** Sets the flags that are given, and no others. */
    setFlags(port, settings) {
        const flags = flagsIn(settings);
        if (Object.keys(flags).length === 0)
            return;
        this.flags[port] = { ...this.flagsOf(port), ...flags };
        // Hosts there may hear now what they have not heard.
        this.beganCount++;
        this.settle(port, this.isUp(port));
    }
    /** Has every port ask for VLANs, or none. */
    setVlanFiltering(isFiltering) {
        this.filtersVlans = isFiltering;
        for (const port of this.ids())
            this.settle(port, this.isUp(port));
    }
    /** Sets whether what a bit of `PortAbility` stands for must be asked about frames of the port. */
    setGuard(port, ability, isOn) {
        const before = this.guards[port];
        const after = isOn ? before | ability : before & ~ability;
        if (after === before)
            return;
        this.guards[port] = after;
        this.settle(port, this.isUp(port));
    }
    isLocked(port) {
        return this.flagsOf(port).locked;
    }
    /** Whether both ports are isolated: no frame passes between them. */
    areApart(ingress, egress) {
        const both = this.ableTo[ingress] & this.ableTo[egress];
        return (both & Isolated) !== 0;
    }
    /** Makes what follows from link, state and flags. */
    settle(port, isUp) {
        const hadForwarded = this.forwards(port);
        const flags = this.flagsOf(port);
        const filters = this.filtersVlans ? FiltersVlans : 0;
        const lasting = bitsOf(flags) | this.guards[port] | filters;
        const isTarget = (lasting & MirrorTarget) !== 0;
        const state = isTarget ? exports.PortState.Discarding : this.state(port);
        this.ableTo[port] = (isUp ? abilitiesIn(state, flags) : 0) | lasting;
        if (this.forwards(port) && !hadForwarded)
            this.beganCount++;
        this.forwarding = Int32Array.from(this.ids().filter((id) => this.forwards(id)));
        this.generation++;
        for (const kind of exports.FLOOD_CLASSES) {
            const takers = this.forwarding.filter((id) => this.flagsOf(id)[FLAG_OF_CLASS[kind]]);
            // One list where all have part: the engine loads one array only.
            this.floodTo[kind] = takers.length === this.forwarding.length ? this.forwarding : takers;
        }
    }
    setMtu(port, mtuBytes) {
        this.mtuBytes[port] = mtuBytes;
        this.setLongest(port);
    }
    /**
     * A frame may exceed the MTU by the Ethernet header and one tag, and by its outer tag besides, which
     * the bridge looks for where this is exceeded: `is_skb_forwardable`.
     */
    setLongest(port) {
        const longest = this.mtuBytes[port] + ethernet_1.ETHERNET_HEADER_BYTES + ethernet_1.VLAN_TAG_BYTES;
        this.longest[port] = this.isUp(port) ? longest : 0;
    }
    /** The longest frame that the port takes, bytes with the Ethernet header; 0 while it is down. */
    longestFrame(port) {
        return this.longest[port];
    }
    setHearsRequests(port, hearsRequests) {
        const others = this.requestListeners.filter((listener) => listener !== port);
        this.requestListeners = hearsRequests ? [...others, port] : others;
    }
    takesOffloads(port) {
        return this.offloads[port] === 1;
    }
    setOffloads(port, takesOffloads) {
        this.offloads[port] = takesOffloads ? 1 : 0;
    }
}
exports.PortTable = PortTable;
function abilitiesIn(state, { learning }) {
    const learn = learning ? Learn : 0;
    if (state === exports.PortState.Forwarding)
        return Link | learn | Forward;
    return state === exports.PortState.Learning ? Link | learn : Link;
}
function flagsIn(settings) {
    const given = FLAG_NAMES.filter((name) => settings[name] !== undefined);
    return Object.fromEntries(given.map((name) => [name, settings[name]]));
}
function bitsOf({ isolated, hairpin, locked }) {
    return (isolated ? Isolated : 0) | (hairpin ? Hairpin : 0) | (locked ? Locked : 0);
}
