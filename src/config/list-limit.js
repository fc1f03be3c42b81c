"use strict";
/** The limit of a list in the configuration: how many items it may have. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.findExcess = findExcess;
/** @returns the first item beyond its limit */
function findExcess(items, { max, groupOf, limitText }) {
    const groups = items.map(groupOf);
    const counts = new Map();
    for (const [index, group] of groups.entries()) {
        const count = (counts.get(group) ?? 0) + 1;
        counts.set(group, count);
        if (count <= max)
            continue;
        const given = groups.filter((other) => other === group).length;
        return { index, complaint: `${limitText(group)}, got ${given}; leave some out` };
    }
    return undefined;
}
