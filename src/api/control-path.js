"use strict";
/**
 * The default paths of the control socket, for the switch and for tapctl: in the system's folder, or
 * in the user's folder where the switch may not write to the system's.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.defaultControlPath = defaultControlPath;
exports.defaultControlPaths = defaultControlPaths;
exports.isOurFolder = isOurFolder;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
const SYSTEM_FOLDER = '/run/tapswitch';
const USER_FOLDER = 'tapswitch';
/** Path in the system's folder for the switch of this name. */
function defaultControlPath(name) {
    return (0, node_path_1.join)(SYSTEM_FOLDER, socketName(name));
}
/** Paths at which the switch of this name may listen, the system's folder first. */
function defaultControlPaths(name) {
    return folders().map((folder) => (0, node_path_1.join)(folder, socketName(name)));
}
/** Whether only switches use a folder, so that a switch may make it. */
function isOurFolder(path) {
    return folders().includes(path);
}
/**
 * The system's folder, then the one in `$XDG_RUNTIME_DIR`, which belongs to the user alone (XDG Base
 * Directory Specification; it says to ignore a relative path). A folder that is missing is not made: it would
 * not belong to the session.
 */
function folders() {
    const runtime = process.env['XDG_RUNTIME_DIR'];
    const isKnown = runtime !== undefined && (0, node_path_1.isAbsolute)(runtime) && (0, node_fs_1.existsSync)(runtime);
    return [SYSTEM_FOLDER, ...(isKnown ? [(0, node_path_1.join)(runtime, USER_FOLDER)] : [])];
}
function socketName(name) {
    return `${name}.sock`;
}
