"use strict";
/** An overview of the bridge. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.bridgeBody = bridgeBody;
const package_version_1 = require("../../system/package-version");
const mac_1 = require("../../wire/mac");
const ports_1 = require("./ports");
async function bridgeBody(tapSwitch) {
    const addresses = await tapSwitch.ownAddresses();
    const { config, mac, ports } = tapSwitch;
    return {
        name: config.name,
        mac: (0, mac_1.formatMac)(mac.hi16, mac.lo32),
        version: (0, package_version_1.packageVersion)(),
        pid: process.pid,
        uptime: Math.round(process.uptime()),
        addresses,
        fdb: { ...tapSwitch.stationCounts, max: config.fdbMax, ageing: config.ageingMs / 1000 },
        ports: ports.all.map(ports_1.portBody),
        total: ports.total().counters,
    };
}
