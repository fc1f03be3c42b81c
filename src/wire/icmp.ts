/**
 * ICMP messages that the switch reads and writes. Offsets count from the first byte of the ICMP
 * header, which lies at an even arena offset.
 *
 * Source: RFC 792 (ICMP), RFC 4443 (ICMPv6).
 */

/** Type, code, checksum, and four bytes whose meaning depends on the type. */
export const ICMP_HEADER_BYTES = 8;

export const TYPE = 0;
export const CODE = 1;
export const CHECKSUM = 2;
/** The last four bytes of the header: identifier and sequence number, or unused. */
export const REST_OF_HEADER = 4;

export const ECHO_REPLY = 0;
export const ECHO_REQUEST = 8;
export const TIME_EXCEEDED = 11;
export const ECHO_REQUEST_V6 = 128;
export const ECHO_REPLY_V6 = 129;
export const TIME_EXCEEDED_V6 = 3;

/** Code of time exceeded, in both versions: fragment reassembly time exceeded. */
export const REASSEMBLY = 1;
