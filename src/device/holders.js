"use strict";
/**
 * Processes that hold TUN/TAP devices open. The `iff:` line of a descriptor's fdinfo has the name of the
 * device, but not its namespace.
 *
 * Source: tun_chr_show_fdinfo in the kernel's drivers/net/tun.c.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.findHolders = findHolders;
exports.holdersOf = holdersOf;
const node_fs_1 = require("node:fs");
const native_1 = require("../native/native");
const netns_1 = require("../system/netns");
const TUN_FILE = /\/net\/tun$/;
/** Devices held by the processes that this one may look into. Root may look into all. */
function findHolders() {
    return (0, netns_1.processIds)().flatMap((pid) => tunDescriptors(pid).flatMap(({ fd, device }) => {
        const program = readText(`/proc/${pid}/comm`)?.trimEnd();
        if (program === undefined)
            return [];
        return [{ pid, program, device, netnsId: (0, native_1.native)().netnsOfHeldDevice(pid, fd) }];
    }));
}
/** Holders of one device, each of them once, even if it holds several queues. */
function holdersOf(all, device) {
    const byPid = new Map();
    for (const { pid, program, ...held } of all) {
        const isHere = held.netnsId === undefined || held.netnsId === device.netnsId;
        if (held.device === device.name && isHere)
            byPid.set(pid, { pid, program });
    }
    return [...byPid.values()];
}
function tunDescriptors(pid) {
    return (0, netns_1.namesIn)(`/proc/${pid}/fd`).flatMap((fd) => {
        if (!isTunFile(`/proc/${pid}/fd/${fd}`))
            return [];
        const device = /^iff:\t(.+)$/m.exec(readText(`/proc/${pid}/fdinfo/${fd}`) ?? '')?.[1];
        return device === undefined ? [] : [{ fd: Number(fd), device }];
    });
}
function isTunFile(link) {
    try {
        return TUN_FILE.test((0, node_fs_1.readlinkSync)(link));
    }
    catch {
        return false;
    }
}
/** @returns `undefined` for a process that has ended, or that this one may not look into */
function readText(path) {
    try {
        return (0, node_fs_1.readFileSync)(path, 'utf8');
    }
    catch {
        return undefined;
    }
}
