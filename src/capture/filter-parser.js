"use strict";
/**
 * Parses a capture filter in tcpdump's words for addresses, protocols and ports:
 *
 *     arp or icmp6
 *     host 192.0.2.1 and not port 22
 *     tcp portrange 5000-5010 && !src net 192.0.2.0/24
 *     ether src 02:00:00:00:00:01 and ether proto 0x88b5
 *
 * It is a subset of pcap-filter(7) with one departure: the EtherType of a tagged frame is the one
 * behind its tags, with or without the word `vlan`. As there, `and` and `or` bind equally, from left to right.
 */
Object.defineProperty(exports, "__esModule", { value: true });
exports.parseFilter = parseFilter;
const ip_text_1 = require("../wire/ip-text");
const filter_error_1 = require("./filter-error");
const mac_1 = require("../wire/mac");
const filter_1 = require("./filter");
const frame_fields_1 = require("./frame-fields");
/** Most words of a filter: more than a person writes, and too few to exhaust the parser's stack. */
const WORDS_MAX = 512;
/** Words that are a whole filter. */
const ALONE = new Map([
    ['arp', { kind: 'ether-type', type: frame_fields_1.ARP }],
    ['ip', { kind: 'ether-type', type: frame_fields_1.IPV4 }],
    ['ip6', { kind: 'ether-type', type: frame_fields_1.IPV6 }],
    ['icmp', { kind: 'protocol', number: 1 }],
    ['tcp', { kind: 'protocol', number: frame_fields_1.TCP }],
    ['udp', { kind: 'protocol', number: frame_fields_1.UDP }],
    ['icmp6', { kind: 'protocol', number: 58 }],
]);
/** Protocols that may stand in front of a port, as in `tcp src port 80`. */
const WITH_PORTS = ['tcp', 'udp'];
/** Protocols that may stand in front of an address, as in `ip6 src net 2001:db8::/32`, and its bytes. */
const WITH_ADDRESSES = new Map([
    ['arp', 4],
    ['ip', 4],
    ['ip6', 16],
]);
const SIDES = ['src', 'dst'];
const PORT_WORDS = ['port', 'portrange'];
const ADDRESS_WORDS = ['host', 'net'];
const KNOWN = [...ALONE.keys(), ...ADDRESS_WORDS, ...PORT_WORDS, 'ether', 'vlan', ...SIDES, 'not'];
const PORT_MAX = 65535;
/** @throws FilterError that names the word and its position, counted from one */
function parseFilter(text) {
    const words = text
        .replace(/[()!]|&&|\|\|/g, ' $& ')
        .split(/\s+/)
        .filter(Boolean);
    if (words.length === 0)
        return filter_1.ALL;
    if (words.length > WORDS_MAX) {
        throw new filter_error_1.FilterError(`has ${words.length} words, ${WORDS_MAX} at most; ask for less`);
    }
    const parser = new Parser(words);
    const filter = parser.expression();
    parser.expectEnd();
    return filter;
}
class Parser {
    words;
    at = 0;
    constructor(words) {
        this.words = words;
    }
    /** Terms with `and` and `or` between them, which bind equally, from left to right. */
    expression() {
        let filter = this.factor();
        for (;;) {
            if (this.skip('and', '&&'))
                filter = join('and', filter, this.factor());
            else if (this.skip('or', '||'))
                filter = join('or', filter, this.factor());
            else
                return filter;
        }
    }
    expectEnd() {
        if (this.word !== undefined)
            throw this.expected('"and", "or" or the end');
    }
    factor() {
        if (this.skip('not', '!'))
            return { kind: 'not', term: this.factor() };
        const openedAt = this.at;
        if (!this.skip('('))
            return this.primitive();
        const inside = this.expression();
        if (this.skip(')'))
            return inside;
        throw new filter_error_1.FilterError(`word ${openedAt + 1}, "(": this parenthesis is not closed`);
    }
    primitive() {
        if (this.skip('ether'))
            return this.ether();
        if (this.skip('vlan'))
            return this.vlan();
        const { word } = this;
        const alone = ALONE.get(word);
        if (alone !== undefined) {
            this.at++;
            return this.qualified(word, alone);
        }
        if (this.beginsPort())
            return this.port();
        if (this.beginsAddress())
            return this.ip();
        throw this.expected(`one of ${KNOWN.join(', ')}`);
    }
    /** Adds the port or the address to a protocol that stands in front of it. */
    qualified(word, protocol) {
        if (WITH_PORTS.includes(word) && this.beginsPort())
            return join('and', protocol, this.port());
        const bytes = WITH_ADDRESSES.get(word);
        if (bytes === undefined || !this.beginsAddress())
            return protocol;
        return join('and', protocol, this.ip(bytes));
    }
    beginsPort() {
        return PORT_WORDS.includes(SIDES.includes(this.word) ? this.words[this.at + 1] : this.word);
    }
    /** Whether an address begins here, if no port does: `src` and `dst` alone begin a host. */
    beginsAddress() {
        return SIDES.includes(this.word) || ADDRESS_WORDS.includes(this.word);
    }
    port() {
        const side = this.side();
        if (this.skip('portrange'))
            return { kind: 'port', side, ...this.portRange() };
        this.skip('port');
        const port = this.number('a port', PORT_MAX);
        return { kind: 'port', side, first: port, last: port };
    }
    /** @param bytes length of the address, if the protocol in front of it says so */
    ip(bytes) {
        const side = this.side();
        if (this.skip('net'))
            return { kind: 'ip', side, ...this.network(bytes) };
        this.skip('host');
        const address = this.address(this.word ?? '', bytes);
        this.at++;
        return { kind: 'ip', side, bytes: address, prefixBits: 8 * address.length };
    }
    ether() {
        if (this.skip('proto')) {
            return { kind: 'ether-type', type: this.number('an EtherType', 0xffff) };
        }
        const side = this.side();
        if (!this.skip('host') && side === 'either') {
            throw this.expected('"proto", "host", "src" or "dst" behind "ether"');
        }
        const mac = (0, mac_1.parseMac)(this.word ?? '');
        if (mac === undefined)
            throw this.expected('a MAC address');
        this.at++;
        return { kind: 'mac', side, bytes: (0, mac_1.macToBytes)(mac.hi16, mac.lo32) };
    }
    vlan() {
        const isNumbered = /^\d+$/.test(this.word ?? '');
        return { kind: 'tagged', ...(isNumbered && { vid: this.number('a VLAN', 4095) }) };
    }
    side() {
        return this.skip('src') ? 'src' : this.skip('dst') ? 'dst' : 'either';
    }
    /** @param text the word, or its part in front of the slash */
    address(text, wantedBytes) {
        const bytes = (0, ip_text_1.parseIpAddress)(text);
        if (bytes !== undefined && bytes.length === (wantedBytes ?? bytes.length))
            return [...bytes];
        throw this.expected(wantedBytes === undefined ? 'an IP address' : `an IPv${wantedBytes === 4 ? 4 : 6} address`);
    }
    network(wantedBytes) {
        const [address = '', length] = (this.word ?? '').split(/\/(.*)/s);
        const bytes = this.address(address, wantedBytes);
        const bitsMax = 8 * bytes.length;
        const prefixBits = length === undefined ? bitsMax : naturalNumber(length);
        if (!(prefixBits <= bitsMax))
            throw this.expected(`a prefix of 0 to ${bitsMax} bits`);
        if (bytes.some((byte, at) => (byte & hostMask(prefixBits - 8 * at)) !== 0)) {
            throw this.expected(`zeros behind the first ${prefixBits} bits`);
        }
        this.at++;
        return { bytes, prefixBits };
    }
    portRange() {
        const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(this.word ?? '') ?? [];
        const [first, last] = [Number(from), Number(to)];
        if (!(first <= last && last <= PORT_MAX)) {
            throw this.expected(`a range of ports such as 5000-5010, 0 to ${PORT_MAX}`);
        }
        this.at++;
        return { first, last };
    }
    number(what, max) {
        const value = naturalNumber(this.word ?? '');
        if (!(value <= max))
            throw this.expected(`${what}, 0 to ${max}`);
        this.at++;
        return value;
    }
    get word() {
        return this.words[this.at];
    }
    expected(what) {
        const { at, word } = this;
        const place = word === undefined ? 'at the end' : `word ${at + 1}, "${word}"`;
        return new filter_error_1.FilterError(`${place}: expected ${what}`);
    }
    skip(...words) {
        if (!words.includes(this.word ?? ''))
            return false;
        this.at++;
        return true;
    }
}
/** Joins two filters in one list, which is longer and not deeper in a chain of the same word. */
function join(kind, left, right) {
    return { kind, terms: [...(left.kind === kind ? left.terms : [left]), right] };
}
/** @returns NaN for other text than digits, or hexadecimal digits behind `0x` */
function naturalNumber(text) {
    return /^(\d+|0x[\da-f]+)$/i.test(text) ? Number(text) : Number.NaN;
}
/** Bits of a byte that are not in the prefix, of which `prefixBits` are left from this byte on. */
function hostMask(prefixBits) {
    return 0xff >> Math.min(8, Math.max(0, prefixBits));
}
