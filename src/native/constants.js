"use strict";
/**
 * The constants that the addon has, too (`addon/node/constants.cc`): sizes in the memory of a burst and the
 * layout of the signals. An addon that was built from other sources would read and write the wrong bytes.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TROUBLE_WORDS = exports.FRAMINGS = exports.KINDS = exports.Signal = void 0;
exports.differingConstant = differingConstant;
const burst_1 = require("../frame/burst");
const ring_1 = require("../frame/ring");
const tag_operation_1 = require("../frame/tag-operation");
const virtio_1 = require("../wire/virtio");
/** Indices in the array of signals that `NativeBurstIo` fills. */
exports.Signal = {
    /** Whether the doorbell rang: 0 or 1. */
    doorbell: 0,
    /** Number of ports that have trouble. */
    troubleCount: 1,
    /** The first trouble: a port id, an errno, then whether the port has ended (0 or 1). The others follow. */
    troubles: 2,
};
/** Kinds of ports: each has a class of `addon/io` that moves its frames. */
exports.KINDS = { device: 0, stream: 1, datagram: 2, ring: 3 };
/** Framings: the bytes in front of each frame of a port. */
exports.FRAMINGS = { plain: 0, vnet: 1 };
/** Words of one trouble. */
exports.TROUBLE_WORDS = 3;
const CONSTANTS = {
    vnetHeaderBytes: virtio_1.VNET_HEADER_BYTES,
    headroomBytes: burst_1.HEADROOM_BYTES,
    maxFrameBytes: burst_1.MAX_FRAME_BYTES,
    maxSocketFrameBytes: burst_1.MAX_SOCKET_FRAME_BYTES,
    receiveSlotBytes: burst_1.RECEIVE_SLOT_BYTES,
    signalDoorbell: exports.Signal.doorbell,
    signalTroubleCount: exports.Signal.troubleCount,
    signalTroubles: exports.Signal.troubles,
    troubleWords: exports.TROUBLE_WORDS,
    tagAsItIs: tag_operation_1.AS_IT_IS,
    tagStrip: tag_operation_1.STRIP,
    kindDevice: exports.KINDS.device,
    kindStream: exports.KINDS.stream,
    kindDatagram: exports.KINDS.datagram,
    kindRing: exports.KINDS.ring,
    framingPlain: exports.FRAMINGS.plain,
    framingVnet: exports.FRAMINGS.vnet,
    ringWritten: ring_1.RingWord.written,
    ringSkippedFrom: ring_1.RingWord.skippedFrom,
    ringWaiting: ring_1.RingWord.waiting,
    ringRead: ring_1.RingWord.read,
    ringTold: ring_1.RingWord.told,
    ringControlBytes: ring_1.RING_CONTROL_BYTES,
};
/** @returns name of the first constant that the addon lacks or has with another value */
function differingConstant(addon) {
    return Object.keys(CONSTANTS).find((name) => addon?.[name] !== CONSTANTS[name]);
}
