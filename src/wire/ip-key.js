"use strict";
/**
 * Table keys for IP addresses of both families: four signed 32-bit words in memory order. An IPv4
 * address is stored as an IPv4-mapped address (::ffff:192.0.2.1; RFC 4291 2.5.5.2).
 *
 * The frame path owns one key and sets it for each frame, so that it makes no object per frame.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.newIpKey = newIpKey;
exports.setIpv4Key = setIpv4Key;
exports.setIpv6Key = setIpv6Key;
exports.isSameIpKey = isSameIpKey;
exports.isIpKeyAt = isIpKeyAt;
exports.hashIpKey = hashIpKey;
exports.compareIpKeys = compareIpKeys;
exports.putIpv6Key = putIpv6Key;
exports.ipv4OfKey = ipv4OfKey;
exports.linkLocalKey = linkLocalKey;
exports.ipKeyOf = ipKeyOf;
exports.formatIpKey = formatIpKey;
const ethernet_1 = require("./ethernet");
const ipv4_1 = require("./ipv4");
const ipv6_1 = require("./ipv6");
const mac_1 = require("./mac");
const read_1 = require("./read");
const WORDS = 4;
const WORD_BYTES = 4;
/** Bytes 8 to 11 of an IPv4-mapped address: 00 00 ff ff. */
const MAPPED_WORD = 0xffff0000 | 0;
function newIpKey() {
    return new Int32Array(WORDS);
}
/** Sets a key from an IPv4 address in the form of `ipv4.ts`. */
function setIpv4Key(key, address) {
    key[0] = 0;
    key[1] = 0;
    key[2] = MAPPED_WORD;
    key[3] = swapBytes(address);
}
/** Sets a key from the 16 bytes at arena offset `at`. */
function setIpv6Key(key, u8, at) {
    for (let word = 0; word < WORDS; word++)
        key[word] = wordAt(u8, at + word * WORD_BYTES);
}
/** Whether two keys are of one address. */
function isSameIpKey(one, other) {
    return one[3] === other[3] && one[2] === other[2] && one[1] === other[1] && one[0] === other[0];
}
/** Whether the words of a table from `at` on are those of a key. */
function isIpKeyAt(words, at, key) {
    return (words[at + 3] === key[3] &&
        words[at + 2] === key[2] &&
        words[at + 1] === key[1] &&
        words[at] === key[0]);
}
/**
 * Hash of the key in the words from `at` on. It multiplies and shifts each word, as murmur3 does, and starts
 * with the seed: whoever does not know the seed cannot make keys collide.
 * @returns 32 bits, signed
 */
function hashIpKey(words, at, seed) {
    let hash = seed;
    for (let word = at; word < at + WORDS; word++) {
        hash = Math.imul(hash ^ (0, read_1.i32At)(words, word), 0x85ebca6b);
        hash ^= hash >>> 15;
    }
    hash = Math.imul(hash, 0xc2b2ae35);
    return hash ^ (hash >>> 16);
}
/** Order of two addresses of one family, as numbers: negative if `one` is the lower. */
function compareIpKeys(one, other) {
    for (let word = 0; word < WORDS; word++) {
        const difference = (swapBytes((0, read_1.i32At)(one, word)) >>> 0) - (swapBytes((0, read_1.i32At)(other, word)) >>> 0);
        if (difference !== 0)
            return difference;
    }
    return 0;
}
/** Writes the 16 bytes of an address at arena offset `at`. */
function putIpv6Key(u8, at, key) {
    for (let word = 0; word < WORDS; word++) {
        (0, ethernet_1.putI32)(u8, at + word * WORD_BYTES, swapBytes((0, read_1.i32At)(key, word)));
    }
}
/** The IPv4 address in a key that holds an IPv4 address. */
function ipv4OfKey(key) {
    return swapBytes((0, read_1.i32At)(key, 3));
}
/** fe80:: and the interface identifier that a MAC makes: RFC 4291 appendix A. */
function linkLocalKey({ hi16, lo32 }) {
    const [a = 0, b = 0, c = 0, d = 0, e = 0, f = 0] = (0, mac_1.macToBytes)(hi16, lo32);
    return ipKeyOf([0xfe, 0x80, 0, 0, 0, 0, 0, 0, a ^ 2, b, c, 0xff, 0xfe, d, e, f]);
}
/** A key from 4 or 16 bytes in wire order. */
function ipKeyOf(bytes) {
    const key = newIpKey();
    const isIpv4 = bytes.length === 4;
    if (isIpv4)
        key[2] = MAPPED_WORD;
    new Uint8Array(key.buffer).set(bytes, isIpv4 ? 12 : 0);
    return key;
}
/** `192.0.2.1` or `2001:db8::1`. */
function formatIpKey(key) {
    const isIpv4 = key[0] === 0 && key[1] === 0 && key[2] === MAPPED_WORD;
    return isIpv4
        ? (0, ipv4_1.formatIpv4)(ipv4OfKey(key))
        : (0, ipv6_1.formatIpv6)(new Uint8Array(key.buffer, key.byteOffset, 16));
}
/** The word at arena offset `at`, in memory order. */
function wordAt(u8, at) {
    return swapBytes((0, ethernet_1.getI32)(u8, at));
}
function swapBytes(word) {
    return (word << 24) | ((word & 0xff00) << 8) | ((word >>> 8) & 0xff00) | (word >>> 24);
}
