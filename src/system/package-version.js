"use strict";
/** The version of this package, as it stands in package.json. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.packageVersion = packageVersion;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
let version;
function packageVersion() {
    version ??= readVersion();
    return version;
}
function readVersion() {
    const file = (0, node_path_1.join)(__dirname, '../../package.json');
    return JSON.parse((0, node_fs_1.readFileSync)(file, 'utf8')).version;
}
