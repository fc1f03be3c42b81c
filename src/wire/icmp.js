"use strict";
/**
 * ICMP messages that the switch reads and writes. Offsets count from the first byte of the ICMP
 * header, which lies at an even arena offset.
 *
 * Source: RFC 792 (ICMP), RFC 4443 (ICMPv6).
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.REASSEMBLY = exports.TIME_EXCEEDED_V6 = exports.ECHO_REPLY_V6 = exports.ECHO_REQUEST_V6 = exports.TIME_EXCEEDED = exports.ECHO_REQUEST = exports.ECHO_REPLY = exports.REST_OF_HEADER = exports.CHECKSUM = exports.CODE = exports.TYPE = exports.ICMP_HEADER_BYTES = void 0;
/** Type, code, checksum, and four bytes whose meaning depends on the type. */
exports.ICMP_HEADER_BYTES = 8;
exports.TYPE = 0;
exports.CODE = 1;
exports.CHECKSUM = 2;
/** The last four bytes of the header: identifier and sequence number, or unused. */
exports.REST_OF_HEADER = 4;
exports.ECHO_REPLY = 0;
exports.ECHO_REQUEST = 8;
exports.TIME_EXCEEDED = 11;
exports.ECHO_REQUEST_V6 = 128;
exports.ECHO_REPLY_V6 = 129;
exports.TIME_EXCEEDED_V6 = 3;
/** Code of time exceeded, in both versions: fragment reassembly time exceeded. */
exports.REASSEMBLY = 1;
