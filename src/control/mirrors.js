"use strict";
/** Mirrors that an operator made: copies of the frames of some ports for another one. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.mirrorTable = mirrorTable;
exports.presentMirrors = presentMirrors;
exports.mirrorOrder = mirrorOrder;
const filter_compiler_1 = require("../capture/filter-compiler");
const mirrors_1 = require("../l2/mirrors");
const static_entries_1 = require("./static-entries");
/** Mirrors. One ends with its target. A port that it mirrors may go; the others are mirrored on. */
function mirrorTable(ports, dataPlane) {
    return new static_entries_1.StaticEntries(ports, {
        key: 'mirror',
        identityOf: ({ name }) => name,
        groupOf: () => '',
        max: mirrors_1.MAX_MIRRORS,
        limitText: () => `${mirrors_1.MAX_MIRRORS} mirrors at most`,
        objectionTo: (mirror) => missingSource(ports, mirror),
        add: (mirror, port) => dataPlane.order({
            kind: 'add-mirror',
            mirror: mirrorOrder(ports, mirror, port),
        }),
        remove: (name) => dataPlane.order({ kind: 'remove-mirror', name }),
    });
}
/** @returns the mirrors without ports that are gone, as a configuration file has them */
function presentMirrors(ports, mirrors) {
    return mirrors
        .map((mirror) => ({
        ...mirror,
        from: mirror.from.filter((label) => ports.find(label) !== undefined),
    }))
        .filter(({ from }) => from.length > 0);
}
function missingSource(ports, { from }) {
    const missing = from.find((label) => ports.find(label) === undefined);
    return missing === undefined ? undefined : ports.explainMissing(missing);
}
function mirrorOrder(ports, mirror, target) {
    const { name, from, direction, vlan, filter, shared } = mirror;
    const ids = from.map((label) => ports.find(label).id);
    return {
        name,
        in: direction === 'out' ? [] : ids,
        out: direction === 'in' ? [] : ids,
        target: target.id,
        isShared: shared,
        ...(vlan !== undefined && { vlan }),
        ...(filter !== undefined && { filter: (0, filter_compiler_1.compileFilter)(filter) }),
    };
}
