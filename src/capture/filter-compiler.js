"use strict";
/** Compiles the text of a filter, once, into the program that runs for each frame. */
Object.defineProperty(exports, "__esModule", { value: true });
exports.MAX_COMPARISONS = void 0;
exports.compileFilter = compileFilter;
const filter_error_1 = require("./filter-error");
const ethernet_1 = require("../wire/ethernet");
const filter_fold_1 = require("./filter-fold");
const filter_parser_1 = require("./filter-parser");
const filter_program_1 = require("./filter-program");
const frame_fields_1 = require("./frame-fields");
/**
 * Most comparisons in one filter: they bound its cost per frame. A protocol takes one, a port or a range of
 * ports two, an IPv4 host or network four, an IPv6 host ten, an IPv6 network ten or fewer. Measured: docs/control.md, "What it costs".
 */
exports.MAX_COMPARISONS = 96;
const IPV4_BYTES = 4;
const WORD_BITS = 32;
/**
 * @param text in the words of tcpdump; empty for every frame
 * @throws FilterError that names the word and its position, or says that there are too many
 */
function compileFilter(text) {
    const compiler = new Compiler();
    const start = compiler.add((0, filter_fold_1.foldFilter)((0, filter_parser_1.parseFilter)(text)), filter_program_1.ACCEPT, filter_program_1.REJECT);
    const words = Int32Array.from(compiler.words);
    const count = words.length / filter_program_1.COMPARISON_WORDS;
    if (count > exports.MAX_COMPARISONS) {
        throw new filter_error_1.FilterError(`takes ${count} comparisons a frame, ${exports.MAX_COMPARISONS} at most (a port takes 2, an IPv4 ` +
            'host 4, an IPv6 host 10); ask for fewer of them');
    }
    return { words, start, parts: compiler.parts };
}
/** Builds a program from its end to its beginning, so that every branch target is known. */
class Compiler {
    words = [];
    parts = 0;
    /** Places of the comparisons that exist, by their content. */
    known = new Map();
    /**
     * Adds the comparisons of a filter.
     * @param ifTrue place to go on at when the filter accepts
     * @param ifFalse place to go on at when the filter rejects
     * @returns place of the first comparison
     */
    add(filter, ifTrue, ifFalse) {
        switch (filter.kind) {
            case 'all':
                return ifTrue;
            case 'none':
                return ifFalse;
            case 'not':
                return this.add(filter.term, ifFalse, ifTrue);
            case 'and':
                return filter.terms.reduceRight((next, term) => this.add(term, next, ifFalse), ifTrue);
            case 'or':
                return filter.terms.reduceRight((next, term) => this.add(term, ifTrue, next), ifFalse);
            default:
                return this.addPrimitive(filter, ifTrue, ifFalse);
        }
    }
    addPrimitive(primitive, ifTrue, ifFalse) {
        switch (primitive.kind) {
            case 'ether-type':
                return this.compare(frame_fields_1.Field.EtherType, primitive.type, ifTrue, ifFalse);
            case 'tagged':
                return primitive.vid === undefined
                    ? this.compare(frame_fields_1.Field.IsTagged, 1, ifTrue, ifFalse)
                    : this.compare(frame_fields_1.Field.Vid, primitive.vid, ifTrue, ifFalse);
            case 'protocol':
                this.parts |= frame_fields_1.Part.Ports;
                return this.compare(frame_fields_1.Field.Protocol, primitive.number, ifTrue, ifFalse);
            case 'port':
                this.parts |= frame_fields_1.Part.Ports;
                return this.addSides(primitive.side, ifFalse, (isSource, otherwise) => this.compare(isSource ? frame_fields_1.Field.SourcePort : frame_fields_1.Field.DestinationPort, primitive.first, ifTrue, otherwise, primitive.last - primitive.first));
            case 'mac':
                this.parts |= frame_fields_1.Part.Macs;
                return this.addSides(primitive.side, ifFalse, (isSource, otherwise) => this.addMac(primitive.bytes, isSource, ifTrue, otherwise));
            case 'ip':
                this.parts |= frame_fields_1.Part.Addresses;
                return this.addSides(primitive.side, ifFalse, (isSource, otherwise) => this.addIp(primitive, isSource, ifTrue, otherwise));
        }
    }
    /** Adds the comparisons of the source, of the destination, or of both. */
    addSides(side, ifFalse, addSide) {
        if (side !== 'either')
            return addSide(side === 'src', ifFalse);
        return addSide(true, addSide(false, ifFalse));
    }
    addMac(bytes, isSource, ifTrue, ifFalse) {
        const mac = Uint8Array.from(bytes);
        const high = isSource ? frame_fields_1.Field.SourceMacHigh : frame_fields_1.Field.DestinationMacHigh;
        const next = this.compare(high, (0, ethernet_1.getU16)(mac, 0), ifTrue, ifFalse);
        // The low bytes come first, because they differ between stations.
        return this.compare(high + 1, (0, ethernet_1.getI32)(mac, 2), next, ifFalse);
    }
    addIp(ip, isSource, ifTrue, ifFalse) {
        const address = Uint8Array.from(ip.bytes);
        const family = address.length === IPV4_BYTES ? frame_fields_1.IPV4_FAMILY : frame_fields_1.IPV6_FAMILY;
        const familyField = isSource ? frame_fields_1.Field.SourceFamily : frame_fields_1.Field.DestinationFamily;
        const first = isSource ? frame_fields_1.Field.Source : frame_fields_1.Field.Destination;
        let next = this.compare(familyField, family, ifTrue, ifFalse);
        for (let word = 0; word * WORD_BITS < ip.prefixBits; word++) {
            const freeBits = Math.max(0, (word + 1) * WORD_BITS - ip.prefixBits);
            const span = 2 ** freeBits - 1;
            next = this.compare(first + word, (0, ethernet_1.getI32)(address, 4 * word), next, ifFalse, span);
        }
        return next;
    }
    /** @param span number of values behind `value` that match, too */
    compare(field, value, ifTrue, ifFalse, span = 0) {
        if (ifTrue === ifFalse)
            return ifTrue;
        const key = [field, value, ifTrue, ifFalse, span].join();
        const known = this.known.get(key);
        if (known !== undefined)
            return known;
        const at = this.words.length;
        const next = at - filter_program_1.COMPARISON_WORDS;
        const place = (to) => (to === next && to >= 0 ? filter_program_1.NEXT : to);
        this.words.push(field, value, place(ifTrue), place(ifFalse), span);
        this.known.set(key, at);
        return at;
    }
}
