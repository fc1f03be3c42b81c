"use strict";
/** MAC addresses as text, and as the two words that the frame path carries (see `ethernet.ts`). */
Object.defineProperty(exports, "__esModule", { value: true });
exports.parseMac = parseMac;
exports.macFromBytes = macFromBytes;
exports.macToBytes = macToBytes;
exports.macBytes = macBytes;
exports.formatMac = formatMac;
exports.isStation = isStation;
exports.locallyAdministered = locallyAdministered;
const ethernet_1 = require("./ethernet");
const MAC_TEXT = /^[0-9a-f]{2}(?:([:-])[0-9a-f]{2}(?:\1[0-9a-f]{2}){4})$/i;
/**
 * Reads `02:00:00:00:00:01` or `02-00-00-00-00-01`, in either case.
 * @returns the words, or `undefined` for any other text.
 */
function parseMac(text) {
    if (!MAC_TEXT.test(text))
        return undefined;
    const bytes = text.split(/[:-]/).map((digits) => Number.parseInt(digits, 16));
    return macFromBytes(bytes);
}
/** The words of six bytes in wire order. */
function macFromBytes(bytes) {
    const byte = (index) => bytes[index] ?? 0;
    return {
        hi16: byte(0) | (byte(1) << 8),
        lo32: byte(2) | (byte(3) << 8) | (byte(4) << 16) | (byte(5) << 24),
    };
}
/** The six bytes of an address, in wire order. */
function macToBytes(hi16, lo32) {
    return [
        hi16 & 0xff,
        (hi16 >>> 8) & 0xff,
        lo32 & 0xff,
        (lo32 >>> 8) & 0xff,
        (lo32 >>> 16) & 0xff,
        lo32 >>> 24,
    ];
}
/**
 * The six bytes, in wire order, of an address whose text was checked before.
 * @throws RangeError for text that `parseMac` refuses.
 */
function macBytes(text) {
    const words = parseMac(text);
    if (words === undefined)
        throw new RangeError(`no MAC address: ${text}`);
    return Uint8Array.from(macToBytes(words.hi16, words.lo32));
}
/** `02:00:00:00:00:01`. */
function formatMac(hi16, lo32) {
    return macToBytes(hi16, lo32)
        .map((byte) => byte.toString(16).padStart(2, '0'))
        .join(':');
}
/** Whether one station may use the address: no group bit, not all zero (`is_valid_ether_addr`). */
function isStation(mac) {
    return (mac.hi16 & ethernet_1.GROUP_BIT) === 0 && !(mac.hi16 === 0 && mac.lo32 === 0);
}
/**
 * A locally administered unicast address from six random or hashed bytes.
 * Source: IEEE 802-2014 8.2.2: the second least significant bit of the first byte is set.
 */
function locallyAdministered(bytes) {
    if (bytes.length < ethernet_1.MAC_BYTES)
        throw new RangeError('a MAC address takes six bytes');
    const words = macFromBytes(bytes);
    return { hi16: (words.hi16 & ~0x03) | 0x02, lo32: words.lo32 };
}
