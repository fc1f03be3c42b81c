"use strict";
/**
 * The address of a socket: a path of the file system, or an IP address with a port.
 *
 * A text with a `/` is a path. A path with a `,` could not be written in front of the keys of a port, and
 * `%` stands for a pattern there.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.tcpAddress = exports.socketAddress = void 0;
exports.isPath = isPath;
exports.parseSocketAddress = parseSocketAddress;
exports.socketIdentity = socketIdentity;
exports.isLocal = isLocal;
const node_path_1 = require("node:path");
const socket_name_1 = require("../../system/socket-name");
const ip_text_1 = require("../../wire/ip-text");
const rule_1 = require("./rule");
const WHAT = 'a path such as /run/guest.sock, or an IP address with a port: 192.0.2.1:5555, [2001:db8::1]:5555';
const LAST_PORT = 65_535;
/** The text of an address, in its one form. */
exports.socketAddress = (0, rule_1.textRule)(WHAT, (text) => text.includes('/') ? checkPath(text) : canonicalHost(text));
/** The address of a TCP socket, in its one form: `192.0.2.1:9101`. */
exports.tcpAddress = (0, rule_1.textRule)('an IP address with a port: 127.0.0.1:9101, [2001:db8::1]:9101', canonicalHost);
/** @param text that has passed {@link socketAddress} */
function isPath(text) {
    return text.includes('/');
}
/** @param text that has passed {@link socketAddress} */
function parseSocketAddress(text) {
    return isPath(text) ? text : splitHost(text);
}
/** Identity of an address: equal for all texts that mean it. */
function socketIdentity(text) {
    return isPath(text) ? (0, node_path_1.resolve)(text) : text;
}
/** Whether only programs of this machine reach an address. */
function isLocal(text) {
    if (isPath(text))
        return true;
    const { host = '' } = splitHost(text) ?? {};
    return host === '::1' || host.startsWith('127.');
}
function checkPath(text) {
    const what = `the path of a socket, at most ${socket_name_1.SOCKET_PATH_BYTES_MAX} bytes`;
    const bytes = Buffer.byteLength(text);
    // Without the number of a guest, which is no part of the path.
    if (bytes > socket_name_1.SOCKET_PATH_BYTES_MAX)
        throw (0, rule_1.expected)(what, text, `${bytes} bytes`);
    if (/[,%]/.test(text))
        throw (0, rule_1.expected)('the path of a socket without "," and "%"', text);
    if (text.endsWith('/'))
        throw (0, rule_1.expected)('the path of a socket', text, 'a folder');
    if (!(0, node_path_1.isAbsolute)(text) && !text.startsWith('.')) {
        throw (0, rule_1.expected)('a path that begins with "/" or "."', text);
    }
    return text;
}
function canonicalHost(text) {
    const split = splitHost(text);
    if (split === undefined)
        return undefined;
    const host = (0, ip_text_1.canonicalIpAddress)(split.host);
    return host.includes(':') ? `[${host}]:${split.port}` : `${host}:${split.port}`;
}
function splitHost(text) {
    const [, ipv6, ipv4, digits = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
    const host = ipv6 ?? ipv4 ?? '';
    const bytes = (0, ip_text_1.parseIpAddress)(host);
    const port = Number(digits);
    const isRight = bytes !== undefined && (bytes.length === 4) === (ipv4 !== undefined);
    return isRight && port > 0 && port <= LAST_PORT ? { host, port } : undefined;
}
