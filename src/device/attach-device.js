"use strict";
/**
 * Attaches to TUN/TAP devices, for the library and for the ports. A device that another program holds is
 * refused with the program's name.
 *
 * The kernel itself refuses a second descriptor, except on a multi-queue device. There the second
 * descriptor becomes a further queue: the kernel distributes the frames over all queues, in the framing
 * of the first (tun_set_iff and tun_automq_select_queue in the kernel's drivers/net/tun.c).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.attachDevice = attachDevice;
exports.heldBy = heldBy;
const native_1 = require("../native/native");
const holders_1 = require("./holders");
const link_1 = require("./link");
const netns_1 = require("../system/netns");
const tuntap_error_1 = require("../system/tuntap-error");
const ANOTHER = 'stop it or choose another name';
/**
 * @param netns namespace of the device as the caller gave it: a name or a path
 * @throws TunTapError `EBUSY` where another program holds it, unless `multiQueue` was asked for;
 *   NativeError for any other refusal
 */
function attachDevice(options, netns) {
    const { name, netnsPath, multiQueue = false, packetInfo = false } = options;
    const link = (0, link_1.findLink)(name, netnsPath);
    const isHeld = queueCount(link) > 0;
    if (isHeld && !multiQueue)
        throw heldBy(name, netns, ANOTHER);
    if (isHeld && hasPacketInfo(link) !== packetInfo) {
        const how = packetInfo ? 'without' : 'with';
        throw new tuntap_error_1.TunTapError('EINVAL', `is held ${how} packet information, which all its queues share (EINVAL); ask for the same`);
    }
    const { Tap } = (0, native_1.native)();
    let tap;
    try {
        tap = new Tap({ ...options, joins: isHeld, ...foundFraming(link) });
    }
    catch (error) {
        if ((0, native_1.isNativeError)(error) && error.code === 'EBUSY')
            throw heldBy(name, netns, ANOTHER, error);
        throw error;
    }
    // Another program may have attached in between.
    if (!multiQueue && !tap.created && queueCount((0, link_1.findLink)(tap.name, netnsPath)) > 1) {
        tap.close();
        throw heldBy(name, netns, ANOTHER);
    }
    return tap;
}
/**
 * Error that names the programs that hold the device, as far as this process may look. It does not name
 * the device.
 * @param cure what the user can do about it
 */
function heldBy(name, netns, cure, cause) {
    const all = (0, holders_1.holdersOf)((0, holders_1.findHolders)(), { name, netnsId: (0, netns_1.netnsOf)(netns).id });
    const who = all.map(({ program, pid }) => `${program} (${pid})`).join(', ') ||
        'a program that this user may not look into';
    return new tuntap_error_1.TunTapError('EBUSY', `is held by ${who} (EBUSY); ${cure}`, { cause });
}
/** Number of descriptors attached to a multi-queue device; 0 for any other device, and for none. */
function queueCount(link) {
    return typeof link === 'object' && link.isMultiQueue ? link.queueCount : 0;
}
function hasPacketInfo(link) {
    return typeof link === 'object' && link.hasPacketInfo;
}
function foundFraming(link) {
    if (typeof link !== 'object')
        return {};
    return { found: { packetInfo: link.hasPacketInfo, vnetHeader: link.hasVnetHeader } };
}
