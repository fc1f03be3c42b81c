"use strict";
/**
 * Mirrors: copies of the frames of some ports, for another port. A mirror takes what its ports give the
 * switch, as it was received, and what the switch gives its ports, as it leaves. A frame that is both comes
 * once. It copies frames that the switch drops later, too, but for those that cannot be sent: shorter than a
 * header, or with a vnet header that does not fit.
 *
 * A copy is never mirrored again. The target takes part in nothing else: the port neither learns nor
 * forwards, unless the mirror shares it. The bridge makes the copies; this file knows which.
 *
 * Nothing is asked for a frame while there is no mirror.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.Mirrors = exports.Mirror = exports.MAX_MIRRORS = void 0;
exports.outerVid = outerVid;
const burst_1 = require("../frame/burst");
const port_id_1 = require("../frame/port-id");
const ethernet_1 = require("../wire/ethernet");
const read_1 = require("../wire/read");
const vlan_1 = require("../wire/vlan");
/** Most mirrors of a switch: each is asked about every frame while there are any. */
exports.MAX_MIRRORS = 16;
const NO_FRAME = -1;
const VID_MASK = 0xfff;
class Mirror {
    settings;
    copies = 0;
    lost = 0;
    /** Frame of the burst that was copied last because a port was given it. */
    lastOut = NO_FRAME;
    in;
    out;
    constructor(settings) {
        this.settings = settings;
        this.in = new Set(settings.in);
        this.out = new Set(settings.out);
    }
    /** Whether a frame that has just come in is to be copied. @param vid VLAN of the frame */
    takesReceived(burst, frame, vid) {
        return this.in.has((0, read_1.i32At)(burst.ingress, frame)) && this.accepts(burst, frame, vid);
    }
    /** Whether a frame that leaves from `port` is to be copied: not if it was copied before. */
    takesSent(burst, frame, port, vid) {
        if (!this.out.has(port) || frame === this.lastOut)
            return false;
        const ingress = (0, read_1.i32At)(burst.ingress, frame);
        if (ingress !== port_id_1.NO_PORT && this.in.has(ingress))
            return false;
        if (!this.accepts(burst, frame, vid))
            return false;
        this.lastOut = frame;
        return true;
    }
    /** Notes that the frames of the burst are others now. */
    begin() {
        this.lastOut = NO_FRAME;
    }
    /** Whether every frame of the port must come to the bridge. */
    watches(port) {
        return this.in.has(port) || this.out.has(port);
    }
    forgetPort(port) {
        this.in.delete(port);
        this.out.delete(port);
    }
    accepts(burst, frame, vid) {
        const { vlan, accepts } = this.settings;
        if (vlan !== undefined && vid !== vlan)
            return false;
        return accepts === undefined || accepts(burst, frame);
    }
}
exports.Mirror = Mirror;
/** VID of the outer tag of a classified frame; `NO_VLAN` where it has none. */
function outerVid(burst, frame) {
    if (((0, read_1.i32At)(burst.kind, frame) & burst_1.FrameFlag.Tagged) === 0 || (0, burst_1.tagsOf)(burst, frame) === 0) {
        return vlan_1.NO_VLAN;
    }
    return (0, ethernet_1.getU16)(burst.u8, (0, read_1.i32At)(burst.offset, frame) + ethernet_1.PAYLOAD) & VID_MASK;
}
class Mirrors {
    mirrors = [];
    get all() {
        return this.mirrors;
    }
    get isEmpty() {
        return this.mirrors.length === 0;
    }
    /**
     * Adds a mirror, or replaces the one of the same name.
     * @returns false, and changes nothing, where there are `MAX_MIRRORS` others
     */
    add(settings) {
        const others = this.without(settings.name);
        if (others.length >= exports.MAX_MIRRORS)
            return false;
        this.mirrors = [...others, new Mirror(settings)];
        return true;
    }
    /** @returns whether there was such a mirror */
    remove(name) {
        const others = this.without(name);
        const wasThere = others.length < this.mirrors.length;
        this.mirrors = others;
        return wasThere;
    }
    /** Forgets a port whose id will be given away again. Mirrors to it end. */
    forgetPort(port) {
        this.mirrors = this.mirrors.filter(({ settings }) => settings.target !== port);
        for (const mirror of this.mirrors)
            mirror.forgetPort(port);
    }
    /** Notes that the frames of the burst are others now. */
    begin() {
        for (const mirror of this.mirrors)
            mirror.begin();
    }
    /** Whether some mirror copies frames of the port. */
    watches(port) {
        return this.mirrors.some((mirror) => mirror.watches(port));
    }
    /** Whether the port is the target of a mirror that does not share it. */
    takesOver(port) {
        return this.mirrors.some(({ settings }) => settings.target === port && !settings.isShared);
    }
    counts() {
        return this.mirrors.map(({ settings: { name }, copies, lost }) => ({ name, copies, lost }));
    }
    without(name) {
        return this.mirrors.filter(({ settings }) => settings.name !== name);
    }
}
exports.Mirrors = Mirrors;
