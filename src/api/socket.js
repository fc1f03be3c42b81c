"use strict";
/**
 * The control socket: a Unix socket that only its owner and its group may open. `system/socket-name.ts`
 * says how it gets its name.
 *
 * The socket of a killed switch is replaced. A socket on which a process answers is not: it belongs to
 * another switch of the same name.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.listenAt = listenAt;
exports.isForbidden = isForbidden;
const node_fs_1 = require("node:fs");
const node_net_1 = require("node:net");
const node_path_1 = require("node:path");
const node_util_1 = require("node:util");
const descriptors_1 = require("../system/descriptors");
const control_path_1 = require("./control-path");
const socket_name_1 = require("../system/socket-name");
const start_error_1 = require("../system/start-error");
const SOCKET_MODE = 0o660;
/** Most attempts to claim the name, where two switches of one name start at the same time. */
const CLAIMS_MAX = 5;
/**
 * Listens at the first of the paths at which the process may make a socket.
 * @throws StartError where a running switch has the path or the system refuses; see its `cause`.
 */
async function listenAt(paths, server, access = {}) {
    let refusal;
    for (const path of paths) {
        try {
            return await listenIn(path, server, access);
        }
        catch (error) {
            refusal = error instanceof start_error_1.StartError ? error : explain(path, error);
            if (!isForbidden(refusal))
                throw refusal;
        }
    }
    throw refusal ?? new Error('there is no path to listen at');
}
/** Whether the process may not make a socket there, so that the next path is worth a try. */
function isForbidden({ cause }) {
    return ['EACCES', 'EPERM', 'EROFS'].includes(cause?.code ?? '');
}
async function listenIn(path, server, access) {
    if (Buffer.byteLength(path) > socket_name_1.SOCKET_PATH_BYTES_MAX) {
        throw new start_error_1.StartError(`control socket ${path}: at most ${socket_name_1.SOCKET_PATH_BYTES_MAX} bytes; choose another --control`);
    }
    if ((0, control_path_1.isOurFolder)((0, node_path_1.dirname)(path)))
        makeFolder((0, node_path_1.dirname)(path));
    const birth = new socket_name_1.SocketBirth(path);
    try {
        await bind(birth.bindPath, server);
        giveAccess(birth.bindPath, access);
        await claim(path, birth);
        const name = birth.settle();
        // libuv removes the bound name at the end.
        server.once('close', () => birth.close());
        return { path, remove: () => name.remove() };
    }
    catch (error) {
        server.close();
        birth.abandon();
        throw error;
    }
}
/** Makes a folder that only switches use, unless it exists. */
function makeFolder(path) {
    try {
        (0, node_fs_1.mkdirSync)(path);
    }
    catch (error) {
        if (error.code !== 'EEXIST')
            throw error;
    }
}
function bind(path, server) {
    return new Promise((resolve, reject) => {
        server.once('error', reject);
        server.listen(path, () => {
            server.off('error', reject);
            resolve();
        });
    });
}
/** @param path path in a folder in which nobody else can change a name */
function giveAccess(path, { uid, gid }) {
    (0, node_fs_1.chmodSync)(path, SOCKET_MODE);
    const { uid: ownUid, gid: ownGid } = (0, node_fs_1.lstatSync)(path);
    if (uid === undefined && gid === undefined)
        return;
    try {
        (0, node_fs_1.chownSync)(path, uid ?? ownUid, gid ?? ownGid);
    }
    catch (error) {
        const { code } = error;
        throw new start_error_1.StartError(`control socket: may not be given to user ${uid ?? ownUid} and group ${gid ?? ownGid} (${code}); ` +
            'name a --control-group of yours, or run with sudo');
    }
}
/** Gives the socket its name. No other file may have the name. */
async function claim(path, birth) {
    for (let turn = 0; turn < CLAIMS_MAX; turn++) {
        if (birth.claim())
            return;
        const found = birth.lookUp();
        if (found === undefined)
            continue;
        if (!found.isSocket()) {
            throw new start_error_1.StartError(`control socket ${path}: something else has that name; choose another`);
        }
        if (await answers(birth.place))
            break;
        birth.removeStale(found);
    }
    throw new start_error_1.StartError(`control socket ${path}: another switch answers there; choose another --name or --control`, { code: 'ERR_SWITCH_EXISTS' });
}
function answers(path) {
    return new Promise((resolve, reject) => {
        const socket = (0, node_net_1.connect)(path, () => {
            socket.destroy();
            resolve(true);
        });
        socket.on('error', (error) => {
            if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT')
                resolve(false);
            else
                reject(error);
        });
    });
}
function explain(path, error) {
    const folder = (0, node_path_1.dirname)(path);
    if (!(0, node_fs_1.existsSync)(folder)) {
        return new start_error_1.StartError(`control socket ${path}: there is no folder ${folder}; make it, or choose another --control`, { cause: error });
    }
    const exhausted = (0, descriptors_1.descriptorsExhausted)(error);
    if (exhausted !== undefined) {
        return new start_error_1.StartError(`control socket ${path}: ${exhausted}`, { cause: error });
    }
    const { code = '', errno = 0, message } = error;
    const [, reason = message] = (0, node_util_1.getSystemErrorMap)().get(errno) ?? [];
    return new start_error_1.StartError(`control socket ${path}: ${reason} (${code}); choose another --control, or none`, { cause: error });
}
