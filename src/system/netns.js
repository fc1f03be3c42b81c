"use strict";
/** Network namespaces by name, path and identity, as far as this process may see them. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.netnsPath = netnsPath;
exports.netnsOf = netnsOf;
exports.pathOf = pathOf;
exports.visibleNetns = visibleNetns;
exports.processIds = processIds;
exports.namesIn = namesIn;
const node_fs_1 = require("node:fs");
const NETNS_FOLDER = '/run/netns';
const OWN_NETNS = '/proc/self/ns/net';
/** The file of a namespace, from its name or its path. */
function netnsPath(netns) {
    return netns.includes('/') ? netns : `${NETNS_FOLDER}/${netns}`;
}
/** @param name name or path; this process's namespace unless given. A missing one has an empty id. */
function netnsOf(name) {
    return { name, id: netnsId(name === undefined ? OWN_NETNS : netnsPath(name)) ?? '' };
}
/** The file by which to enter a namespace; `undefined` for this process's own. */
function pathOf({ name }) {
    return name === undefined ? undefined : netnsPath(name);
}
/** This process's namespace, named ones and those of other processes; each of them once. */
function visibleNetns() {
    const byId = new Map();
    const ofProcesses = processIds().map((pid) => `/proc/${pid}/ns/net`);
    for (const name of [undefined, ...namesIn(NETNS_FOLDER).sort(), ...ofProcesses]) {
        const netns = netnsOf(name);
        if (netns.id !== '' && !byId.has(netns.id))
            byId.set(netns.id, netns);
    }
    return [...byId.values()];
}
/** Ids of all processes that are visible now. */
function processIds() {
    return namesIn('/proc')
        .filter((name) => /^\d+$/.test(name))
        .map(Number);
}
/** The names in a folder; none where it does not exist or may not be read. */
function namesIn(folder) {
    try {
        return (0, node_fs_1.readdirSync)(folder);
    }
    catch {
        return [];
    }
}
function netnsId(path) {
    try {
        const { dev, ino } = (0, node_fs_1.statSync)(path);
        return `${dev}:${ino}`;
    }
    catch {
        return undefined;
    }
}
