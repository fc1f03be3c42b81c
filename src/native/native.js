"use strict";
/**
 * The addon: types for every name that it exports, and a loader that explains its failure. No other
 * file loads `tapswitch.node`; `addon/node/` is the other side of this file.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.isNativeError = isNativeError;
exports.native = native;
const node_fs_1 = require("node:fs");
const node_os_1 = require("node:os");
const node_path_1 = require("node:path");
const node_util_1 = require("node:util");
const addon_error_1 = require("./addon-error");
const constants_1 = require("./constants");
/** Folder of the package or the clone. */
const ROOT = (0, node_path_1.join)(__dirname, '..', '..');
/** Command that makes an addon that fits. */
const CURE = /[\\/]node_modules[\\/]/.test(__dirname)
    ? 'npm rebuild tapswitch'
    : 'npm run clean && npm run build';
/** Whether an error is native. It checks fields, because in a Jest test the addon's `Error` is another class. */
function isNativeError(error) {
    return node_util_1.types.isNativeError(error) && 'syscall' in error && 'errno' in error && 'code' in error;
}
let loaded;
/**
 * Loads the addon at the first call.
 * @throws Error with a sentence that says what to do.
 */
function native() {
    loaded ??= load();
    return loaded;
}
function load() {
    if (process.platform !== 'linux') {
        throw new addon_error_1.AddonError('ERR_UNSUPPORTED_PLATFORM', `TAP devices need Linux; this is ${process.platform}`);
    }
    if ((0, node_os_1.endianness)() !== 'LE') {
        throw new addon_error_1.AddonError('ERR_UNSUPPORTED_PLATFORM', 'this processor is big endian, which the frame path does not support');
    }
    const path = addonPath();
    if (path === undefined) {
        const platform = `${process.platform}-${process.arch}`;
        throw new addon_error_1.AddonError('ERR_ADDON_MISSING', `there is no native addon for ${platform}; install a C++ compiler, then run: ${CURE}`);
    }
    const addon = loadFrom(path);
    const differing = (0, constants_1.differingConstant)(addon.constants);
    if (differing !== undefined) {
        throw new addon_error_1.AddonError('ERR_ADDON_UNUSABLE', `the native addon was built from other sources (${differing} differs, ${path}); run: ${CURE}`);
    }
    return addon;
}
function loadFrom(path) {
    try {
        // eslint-disable-next-line @typescript-eslint/no-require-imports -- an addon cannot be imported
        return require(path);
    }
    catch (error) {
        const [reason = ''] = error.message.split('\n');
        throw new addon_error_1.AddonError('ERR_ADDON_UNUSABLE', `the native addon cannot be loaded (${reason}); install a C++ compiler, then run: ${CURE}`, { cause: error });
    }
}
/**
 * Path of the addon: `TAPSWITCH_ADDON` (the tests run one with sanitizers), one that was compiled here, or the one of
 * the package; undefined if there is none.
 */
function addonPath() {
    const compiled = (0, node_path_1.join)(ROOT, 'build', 'Release', 'tapswitch.node');
    const packaged = (0, node_path_1.join)(ROOT, 'prebuilds', `linux-${process.arch}`, 'tapswitch.node');
    const given = process.env['TAPSWITCH_ADDON'];
    return given ?? [compiled, packaged].find((path) => (0, node_fs_1.existsSync)(path));
}
