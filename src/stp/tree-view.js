"use strict";
/** The tree as its machines see it: variables of the bridge (17.18) and procedures that concern all its ports. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MIGRATE_TIME = void 0;
exports.forwardDelay = forwardDelay;
/** Seconds for which a port keeps a protocol version (MigrateTime, table 17-1). */
exports.MIGRATE_TIME = 3;
/** 17.20.6 (forwardDelay): seconds from learning to forwarding. */
function forwardDelay(port) {
    const { helloTime, forwardDelay: delay } = port.designatedTimes;
    return port.sendRstp ? helloTime : delay;
}
