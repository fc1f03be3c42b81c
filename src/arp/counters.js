"use strict";
/** Counters of the ARP room. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ARP_COUNTERS = exports.ArpCounter = void 0;
const counters_1 = require("../hosts/counters");
exports.ArpCounter = counters_1.ResolutionCounter;
exports.ARP_COUNTERS = (0, counters_1.resolutionCounters)('arp');
