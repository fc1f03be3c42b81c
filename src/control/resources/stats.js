"use strict";
/** Counters of each port and in total. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.portFilter = void 0;
exports.readStats = readStats;
const rule_schema_1 = require("../../config/rule-schema");
const forms_1 = require("./forms");
const ports_1 = require("./ports");
/** One port, or all. */
exports.portFilter = (0, forms_1.inBothForms)((to, words) => (0, rule_schema_1.mapping)({ port: to(ports_1.portName).optional() }, words));
/** @throws RequestError where there is no such port */
async function readStats(tapSwitch, { port }) {
    const { ports } = tapSwitch;
    await tapSwitch.settle();
    const all = ports.infos();
    const wanted = port === undefined ? undefined : (0, ports_1.findPort)(ports, port).id;
    const infos = all.filter(({ id }) => wanted === undefined || id === wanted);
    return {
        total: ports.total(all),
        ports: infos.map((info) => ({ port: info.port, ...info.counters })),
        bursts: tapSwitch.burstSizes(),
    };
}
