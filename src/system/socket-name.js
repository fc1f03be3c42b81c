"use strict";
/**
 * The name of a Unix socket, which others may have an interest in: a path in a folder.
 *
 * The switch may be root, and the folder may belong to another user, who can put a link where a file
 * was. So a socket is made in a new folder that nobody else can write to. It gets its owner and its
 * mode there, and its final name afterwards. Folders are held by descriptors; a path is looked up
 * once.
 *
 * What has the name already is replaced only by the caller's decision, and only if it is a socket: the
 * caller asks whether a process answers there.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.SocketBirth = exports.SocketName = exports.SOCKET_PATH_BYTES_MAX = void 0;
const node_fs_1 = require("node:fs");
const node_path_1 = require("node:path");
/** `sun_path` of struct sockaddr_un, without the zero that ends it: unix(7). */
exports.SOCKET_PATH_BYTES_MAX = 107;
/** Names of the socket and of the folder in which it is made. Both are gone once it has its name. */
const BIRTH_NAME = 'socket';
const BIRTH_FOLDER = '.tapswitch-';
/** An open folder: it stays the same, whatever its path leads to later. */
class Folder {
    fd;
    /** @throws NodeJS.ErrnoException, with `ELOOP` or `ENOTDIR` for a link that is not followed */
    constructor(path, { followsLink }) {
        const { O_RDONLY, O_DIRECTORY, O_NOFOLLOW } = node_fs_1.constants;
        this.fd = (0, node_fs_1.openSync)(path, O_RDONLY | O_DIRECTORY | (followsLink ? 0 : O_NOFOLLOW));
    }
    /** A path that leads to this very folder: proc(5). */
    at(name) {
        return `/proc/self/fd/${this.fd}/${name}`;
    }
    close() {
        (0, node_fs_1.closeSync)(this.fd);
    }
}
/** A name that a socket of the process has. */
class SocketName {
    folder;
    name;
    ours;
    /** @throws NodeJS.ErrnoException where somebody has removed the name already */
    constructor(folder, name) {
        this.folder = folder;
        this.name = name;
        this.ours = (0, node_fs_1.lstatSync)(folder.at(name));
    }
    /** Removes the name if it still belongs to this socket and the process may remove it. */
    remove() {
        const path = this.folder.at(this.name);
        try {
            const found = (0, node_fs_1.lstatSync)(path, { throwIfNoEntry: false });
            if (found !== undefined && isSame(found, this.ours))
                (0, node_fs_1.unlinkSync)(path);
        }
        catch {
            // The user may not be allowed to remove it. The next switch of that name replaces it.
        }
        finally {
            this.folder.close();
        }
    }
}
exports.SocketName = SocketName;
/** A socket on its way to its name. Ends by `settle` and `close`, or by `abandon`. */
class SocketBirth {
    name;
    folder;
    birthPath;
    birthplace;
    /** @throws NodeJS.ErrnoException where the process may not write to the folder, or there is none */
    constructor(path) {
        this.name = (0, node_path_1.basename)(path);
        this.folder = new Folder((0, node_path_1.dirname)(path), { followsLink: true });
        try {
            this.birthPath = (0, node_fs_1.mkdtempSync)(this.folder.at(BIRTH_FOLDER));
            try {
                this.birthplace = openOwnFolder(this.birthPath);
            }
            catch (error) {
                removeEmptyFolder(this.birthPath);
                throw error;
            }
        }
        catch (error) {
            this.folder.close();
            throw error;
        }
    }
    /** Where the socket is made: a path in a folder in which nobody else can change a name. */
    get bindPath() {
        return this.birthplace.at(BIRTH_NAME);
    }
    /** The path of the final name, in the folder that was found first. */
    get place() {
        return this.folder.at(this.name);
    }
    /** What has the name; `undefined` where nothing has. */
    lookUp() {
        return (0, node_fs_1.lstatSync)(this.place, { throwIfNoEntry: false });
    }
    /** Gives the socket its name, if nothing has it: link(2) replaces nothing. @returns whether it has it */
    claim() {
        try {
            (0, node_fs_1.linkSync)(this.bindPath, this.place);
            return true;
        }
        catch (error) {
            if (error.code === 'EEXIST')
                return false;
            throw error;
        }
    }
    /** Removes a stale socket. If another process has taken the name meanwhile, it gets the name back. */
    removeStale(stale) {
        const aside = this.birthplace.at('stale');
        try {
            (0, node_fs_1.renameSync)(this.place, aside);
        }
        catch (error) {
            if (error.code === 'ENOENT')
                return;
            throw error;
        }
        if (!isSame((0, node_fs_1.lstatSync)(aside), stale))
            (0, node_fs_1.linkSync)(aside, this.place);
        (0, node_fs_1.unlinkSync)(aside);
    }
    /** Ends the birth of a socket that has its name. */
    settle() {
        const name = new SocketName(this.folder, this.name);
        (0, node_fs_1.rmSync)(this.bindPath, { force: true });
        removeEmptyFolder(this.birthPath);
        return name;
    }
    /** Lets go of the folder in which the socket was made: no other folder gets its descriptor before. */
    close() {
        this.birthplace.close();
    }
    /** Leaves nothing of a socket that gets no name. */
    abandon() {
        (0, node_fs_1.rmSync)(this.bindPath, { force: true });
        this.birthplace.close();
        removeEmptyFolder(this.birthPath);
        this.folder.close();
    }
}
exports.SocketBirth = SocketBirth;
/** @throws NodeJS.ErrnoException, also where another user has put another folder in its place */
function openOwnFolder(path) {
    const folder = new Folder(path, { followsLink: false });
    const { uid, mode } = (0, node_fs_1.fstatSync)(folder.fd);
    if (uid === process.geteuid?.() && (mode & 0o077) === 0)
        return folder;
    folder.close();
    throw Object.assign(new Error('somebody has put another folder there'), { code: 'EPERM' });
}
/** Removes a folder, but never its content: the name may belong to another folder by now. */
function removeEmptyFolder(path) {
    try {
        (0, node_fs_1.rmdirSync)(path);
    }
    catch {
        // The folder is not ours, or not empty: then it does not hold the socket.
    }
}
function isSame(a, b) {
    return a.dev === b.dev && a.ino === b.ino;
}
