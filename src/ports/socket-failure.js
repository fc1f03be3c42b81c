"use strict";
/** Refusals of the system that concern the sockets of ports, in words for a person. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.explainBinding = explainBinding;
exports.explainConnecting = explainConnecting;
exports.wordsOf = wordsOf;
const node_path_1 = require("node:path");
const node_util_1 = require("node:util");
const socket_address_1 = require("../config/values/socket-address");
const native_1 = require("../native/native");
const descriptors_1 = require("../system/descriptors");
/** @returns why a socket could not be made at an address, and what to do */
function explainBinding(address, error) {
    const { code, reason } = errnoOf(error);
    switch (code) {
        case undefined:
            return reason;
        case 'EADDRINUSE':
            return 'another program has this address (EADDRINUSE); stop it, or choose another';
        case 'EADDRNOTAVAIL':
            return 'this machine has no such address (EADDRNOTAVAIL); ip address shows which there are';
        case 'ENOENT':
            return `there is no folder ${(0, node_path_1.dirname)(address)} (ENOENT); make it, or choose another path`;
        case 'EACCES':
        case 'EPERM':
            return (0, socket_address_1.isPath)(address)
                ? `may not make a socket there (${code}); choose another folder, or run with sudo`
                : `may not listen there (${code}); choose a port from 1024 on, or run with sudo`;
        default:
            return `${reason} (${code}); choose another address`;
    }
}
/** @returns why the peer cannot be reached. It is tried again, so there is no cure. */
function explainConnecting(error) {
    const { code, reason } = errnoOf(error);
    switch (code) {
        case undefined:
            return reason;
        case 'ENOENT':
            return 'there is no such socket yet (ENOENT)';
        case 'ECONNREFUSED':
            return 'nobody listens there (ECONNREFUSED)';
        case 'EAGAIN':
            return 'too many wait there to be accepted (EAGAIN)';
        case 'EPROTOTYPE':
            return 'the socket there is of another type (EPROTOTYPE): stream or dgram';
        case 'EACCES':
            return 'may not connect to it (EACCES); its owner can allow it';
        case 'EPERM':
            return 'it is connected to another socket (EPERM)';
        default:
            return `${reason} (${code})`;
    }
}
/** The words of the kernel for an errno, such as 32. */
function wordsOf(errno) {
    const [code = String(errno), reason = 'unknown error'] = (0, node_util_1.getSystemErrorMap)().get(-errno) ?? [];
    return `${reason} (${code})`;
}
function errnoOf(error) {
    const exhausted = (0, descriptors_1.descriptorsExhausted)(error);
    if (exhausted !== undefined)
        return { code: undefined, reason: exhausted };
    const { code, errno, message } = error;
    if (code === undefined || errno === undefined)
        return { code: undefined, reason: message };
    const [, reason = message] = (0, node_util_1.getSystemErrorMap)().get((0, native_1.isNativeError)(error) ? -errno : errno) ?? [];
    return { code, reason };
}
