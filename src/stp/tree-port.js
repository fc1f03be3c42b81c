"use strict";
/**
 * A port of a spanning tree: the variables of IEEE 802.1D-2004 17.19 under their names, and the state of each
 * of its machines. A boolean begins with a verb only where the standard's name does.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.TreePort = exports.DEFAULT_PATH_COST = exports.DEFAULT_PORT_PRIORITY = void 0;
const bpdu_1 = require("../wire/bpdu");
const priority_vector_1 = require("./priority-vector");
exports.DEFAULT_PORT_PRIORITY = 128;
/** Cost of a link of 1 Gb/s (table 17-3), for links that have no speed. */
exports.DEFAULT_PATH_COST = 20_000;
class TreePort {
    id;
    settings;
    // Machines, each with its state of the standard.
    prx = 'DISCARD';
    ppm = 'CHECKING_RSTP';
    bdm = 'NOT_EDGE';
    ptx = 'TRANSMIT_INIT';
    pim = 'DISABLED';
    prt = 'INIT_PORT';
    pst = 'DISCARDING';
    tcm = 'INACTIVE';
    // Timers (17.17), in seconds.
    edgeDelayWhile = 0;
    fdWhile = 0;
    helloWhen = 0;
    mdelayWhile = 0;
    rbWhile = 0;
    rcvdInfoWhile = 0;
    rrWhile = 0;
    tcWhile = 0;
    txCount = 0;
    // Variables (17.19).
    agree = false;
    agreed = false;
    disputed = false;
    forward = false;
    forwarding = false;
    infoIs = 'disabled';
    learn = false;
    learning = false;
    mcheck = false;
    newInfo = false;
    operEdge = false;
    /** Whether the link is up, and the port is not shut. */
    portEnabled = false;
    proposed = false;
    proposing = false;
    rcvdBpdu = false;
    rcvdInfo = 'other';
    rcvdMsg = false;
    rcvdRstp = false;
    rcvdStp = false;
    rcvdTc = false;
    rcvdTcAck = false;
    rcvdTcn = false;
    reRoot = false;
    reselect = false;
    role = 'disabled';
    selected = false;
    selectedRole = 'disabled';
    sendRstp = true;
    sync = false;
    synced = false;
    tcAck = false;
    tcProp = false;
    updtInfo = false;
    portPriority = (0, priority_vector_1.newVector)();
    portTimes;
    designatedPriority = (0, priority_vector_1.newVector)();
    designatedTimes;
    // Not of the standard.
    isLinkUp = false;
    /** Whether BPDU guard has shut the port. */
    isShut = false;
    /** Whether the last Configuration BPDU had the topology change flag: 802.1D-1998 8.6.14. */
    heardTc = false;
    /** Whether the port's stations are to be forgotten (fdbFlush). */
    fdbFlush = false;
    /** State that the bridge was last told. */
    toldState = undefined;
    /** Role that the operator was last told. */
    toldRole = undefined;
    /** The BPDU that is being received. */
    message = (0, bpdu_1.newBpdu)();
    constructor(id, settings, times) {
        this.id = id;
        this.settings = settings;
        this.portTimes = { ...times };
        this.designatedTimes = { ...times };
    }
    /** 4 bits of priority and 12 bits of number (9.2.7). */
    get portId() {
        return this.settings.priority * 256 + this.settings.number;
    }
    get state() {
        if (!this.portEnabled)
            return 'disabled';
        if (this.forwarding)
            return 'forwarding';
        return this.learning ? 'learning' : 'discarding';
    }
}
exports.TreePort = TreePort;
