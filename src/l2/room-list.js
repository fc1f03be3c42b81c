"use strict";
/** The list of protocol rooms, and the tables and facts that a room is made from. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ROOM_LIST = void 0;
exports.countersOf = countersOf;
exports.dropsOf = dropsOf;
const arp_1 = require("../arp/arp");
const counters_1 = require("../arp/counters");
const dhcp_1 = require("../dhcp/dhcp");
const refusal_reason_1 = require("../hosts/refusal-reason");
const counters_2 = require("../loop/counters");
const loop_guard_1 = require("../loop/loop-guard");
const counters_3 = require("../icmp/counters");
const icmp_1 = require("../icmp/icmp");
const counters_4 = require("../nd/counters");
const nd_1 = require("../nd/nd");
const counters_5 = require("../mcast/counters");
const mcast_1 = require("../mcast/mcast");
const counters_6 = require("../stp/counters");
const stp_1 = require("../stp/stp");
/** The rooms, one line each, in asking order: if several rooms want a frame, the first is asked first. */
exports.ROOM_LIST = {
    inspection: { drops: refusal_reason_1.REFUSAL_REASONS, make: (house) => house.inspection },
    arp: { counters: counters_1.ARP_COUNTERS, make: (house) => new arp_1.Arp(house) },
    nd: { counters: counters_4.ND_COUNTERS, make: (house) => new nd_1.Nd(house) },
    dhcp: { make: (house) => new dhcp_1.Dhcp(house) },
    icmp: { counters: counters_3.ICMP_COUNTERS, make: (house) => new icmp_1.Icmp(house) },
    mcast: {
        counters: counters_5.MCAST_COUNTERS,
        drops: counters_5.MCAST_DROPS,
        make: (house) => new mcast_1.Mcast(house),
    },
    loop: { counters: counters_2.LOOP_COUNTERS, make: (house) => new loop_guard_1.LoopGuard(house) },
    stp: { counters: counters_6.STP_COUNTERS, drops: counters_6.STP_DROPS, make: (house) => new stp_1.Stp(house) },
};
/** The counters of all rooms of a list. */
function countersOf(list) {
    return Object.values(list).flatMap(({ counters = [] }) => counters);
}
/** The drop reasons of all rooms of a list. */
function dropsOf(list) {
    return Object.values(list).flatMap(({ drops = [] }) => drops);
}
