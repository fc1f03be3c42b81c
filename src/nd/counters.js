"use strict";
/** Counters of the ND room. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.ND_COUNTERS = exports.NdCounter = void 0;
const counters_1 = require("../hosts/counters");
exports.NdCounter = counters_1.ResolutionCounter;
exports.ND_COUNTERS = (0, counters_1.resolutionCounters)('nd');
