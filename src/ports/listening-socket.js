"use strict";
/**
 * Sockets under an address of their own: how they get it, and what is in its way. A path gets a file, as
 * `system/socket-name.ts` says; a file that a killed switch left behind is replaced.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.listenForStreams = listenForStreams;
exports.bindForDatagrams = bindForDatagrams;
exports.isHeld = isHeld;
const socket_address_1 = require("../config/values/socket-address");
const native_1 = require("../native/native");
const socket_name_1 = require("../system/socket-name");
/** Most attempts to claim a path, where two switches want it at the same time. */
const CLAIMS_MAX = 5;
/**
 * Listens for streams.
 * @param address text that has passed `socketAddress`
 * @throws Error, NativeError, NodeJS.ErrnoException: `explainBinding` has the words
 */
function listenForStreams(address, access) {
    if (!(0, socket_address_1.isPath)(address)) {
        return { socket: openAt(address, 'stream', (socket) => socket.listen()) };
    }
    const birth = new socket_name_1.SocketBirth(address);
    let socket;
    try {
        socket = openAt(address, 'stream', (made) => {
            made.bind(birth.bindPath, access.mode);
            access.give(birth.bindPath);
            made.listen();
        });
        claim(birth, () => birth.claim());
        const name = birth.settle();
        birth.close();
        return { socket, name };
    }
    catch (error) {
        socket?.close();
        birth.abandon();
        throw error;
    }
}
/**
 * Binds a socket for datagrams. A peer answers to the address of the sender, so that this socket is made
 * under its name, and not elsewhere first.
 * @throws as `listenForStreams` does
 */
function bindForDatagrams(address, access) {
    if (!(0, socket_address_1.isPath)(address))
        return { socket: openAt(address, 'datagram', () => undefined) };
    const birth = new socket_name_1.SocketBirth(address);
    let socket;
    try {
        socket = openAt(address, 'datagram', (made) => {
            claim(birth, () => isBound(made, address, access.mode));
            access.giveOwner(birth.place);
        });
        const name = birth.settle();
        birth.close();
        return { socket, name };
    }
    catch (error) {
        socket?.close();
        birth.abandon();
        throw error;
    }
}
/** Makes a socket. One with a host is bound; `prepare` does the rest. */
function openAt(address, type, prepare) {
    const { Socket } = (0, native_1.native)();
    const place = (0, socket_address_1.parseSocketAddress)(address);
    const socket = new Socket(type, place);
    try {
        if (typeof place !== 'string')
            socket.bind(place, 0);
        prepare(socket);
        return socket;
    }
    catch (error) {
        socket.close();
        throw error;
    }
}
function isBound(socket, path, mode) {
    try {
        socket.bind(path, mode);
        return true;
    }
    catch (error) {
        if ((0, native_1.isNativeError)(error) && error.code === 'EADDRINUSE')
            return false;
        throw error;
    }
}
/** @param take gives the socket its name, unless something has it. */
function claim(birth, take) {
    for (let turn = 0; turn < CLAIMS_MAX; turn++) {
        if (take())
            return;
        const found = birth.lookUp();
        if (found === undefined)
            continue;
        if (!found.isSocket()) {
            throw new Error('exists and is not a socket; choose another path, or remove it');
        }
        if (isHeld(birth.place))
            break;
        birth.removeStale(found);
    }
    throw new Error('another program has a socket there; stop it, or choose another path');
}
/**
 * Whether a process has the socket of this path. Datagrams are asked for: a program that listens for streams
 * hears nothing of it, and the kernel answers EPROTOTYPE (net/unix/af_unix.c, unix_find_bsd).
 */
function isHeld(path) {
    const { Socket } = (0, native_1.native)();
    const socket = new Socket('datagram', path);
    try {
        socket.connect(path);
        return true;
    }
    catch (error) {
        if (!(0, native_1.isNativeError)(error))
            throw error;
        if (error.code === 'ECONNREFUSED' || error.code === 'ENOENT')
            return false;
        // EPERM: it is connected to another, and takes nothing from us.
        if (error.code === 'EPROTOTYPE' || error.code === 'EPERM')
            return true;
        throw error;
    }
    finally {
        socket.close();
    }
}
