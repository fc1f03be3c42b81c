/** Compiles the text of a filter, once, into the program that runs for each frame. */

import { FilterError } from './filter-error';
import { getI32, getU16 } from '../wire/ethernet';
import type { Filter, IpPrimitive, Primitive, Side } from './filter';
import { foldFilter } from './filter-fold';
import { parseFilter } from './filter-parser';
import { ACCEPT, COMPARISON_WORDS, type FilterProgram, NEXT, REJECT } from './filter-program';
import { Field, IPV4_FAMILY, IPV6_FAMILY, Part } from './frame-fields';

/**
 * Most comparisons in one filter: they bound its cost per frame. A protocol takes one, a port or a range of
 * ports two, an IPv4 host or network four, an IPv6 host ten, an IPv6 network ten or fewer. Measured: docs/control.md, "What it costs".
 */
export const MAX_COMPARISONS = 96;

const IPV4_BYTES = 4;
const WORD_BITS = 32;

/**
 * @param text in the words of tcpdump; empty for every frame
 * @throws FilterError that names the word and its position, or says that there are too many
 */
export function compileFilter(text: string): FilterProgram {
  const compiler = new Compiler();
  const start = compiler.add(foldFilter(parseFilter(text)), ACCEPT, REJECT);
  const words = Int32Array.from(compiler.words);
  const count = words.length / COMPARISON_WORDS;
  if (count > MAX_COMPARISONS) {
    throw new FilterError(
      `takes ${count} comparisons a frame, ${MAX_COMPARISONS} at most (a port takes 2, an IPv4 ` +
        'host 4, an IPv6 host 10); ask for fewer of them',
    );
  }
  return { words, start, parts: compiler.parts };
}

/** Builds a program from its end to its beginning, so that every branch target is known. */
class Compiler {
  readonly words: number[] = [];
  parts = 0;
  /** Places of the comparisons that exist, by their content. */
  private readonly known = new Map<string, number>();

  /**
   * Adds the comparisons of a filter.
   * @param ifTrue place to go on at when the filter accepts
   * @param ifFalse place to go on at when the filter rejects
   * @returns place of the first comparison
   */
  add(filter: Filter, ifTrue: number, ifFalse: number): number {
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

  private addPrimitive(primitive: Primitive, ifTrue: number, ifFalse: number): number {
    switch (primitive.kind) {
      case 'ether-type':
        return this.compare(Field.EtherType, primitive.type, ifTrue, ifFalse);
      case 'tagged':
        return primitive.vid === undefined
          ? this.compare(Field.IsTagged, 1, ifTrue, ifFalse)
          : this.compare(Field.Vid, primitive.vid, ifTrue, ifFalse);
      case 'protocol':
        this.parts |= Part.Ports;
        return this.compare(Field.Protocol, primitive.number, ifTrue, ifFalse);
      case 'port':
        this.parts |= Part.Ports;
        return this.addSides(primitive.side, ifFalse, (isSource, otherwise) =>
          this.compare(
            isSource ? Field.SourcePort : Field.DestinationPort,
            primitive.first,
            ifTrue,
            otherwise,
            primitive.last - primitive.first,
          ),
        );
      case 'mac':
        this.parts |= Part.Macs;
        return this.addSides(primitive.side, ifFalse, (isSource, otherwise) =>
          this.addMac(primitive.bytes, isSource, ifTrue, otherwise),
        );
      case 'ip':
        this.parts |= Part.Addresses;
        return this.addSides(primitive.side, ifFalse, (isSource, otherwise) =>
          this.addIp(primitive, isSource, ifTrue, otherwise),
        );
    }
  }

  /** Adds the comparisons of the source, of the destination, or of both. */
  private addSides(
    side: Side,
    ifFalse: number,
    addSide: (isSource: boolean, otherwise: number) => number,
  ): number {
    if (side !== 'either') return addSide(side === 'src', ifFalse);
    return addSide(true, addSide(false, ifFalse));
  }

  private addMac(bytes: readonly number[], isSource: boolean, ifTrue: number, ifFalse: number) {
    const mac = Uint8Array.from(bytes);
    const high = isSource ? Field.SourceMacHigh : Field.DestinationMacHigh;
    const next = this.compare(high, getU16(mac, 0), ifTrue, ifFalse);
    // The low bytes come first, because they differ between stations.
    return this.compare(high + 1, getI32(mac, 2), next, ifFalse);
  }

  private addIp(ip: IpPrimitive, isSource: boolean, ifTrue: number, ifFalse: number) {
    const address = Uint8Array.from(ip.bytes);
    const family = address.length === IPV4_BYTES ? IPV4_FAMILY : IPV6_FAMILY;
    const familyField = isSource ? Field.SourceFamily : Field.DestinationFamily;
    const first = isSource ? Field.Source : Field.Destination;
    let next = this.compare(familyField, family, ifTrue, ifFalse);
    for (let word = 0; word * WORD_BITS < ip.prefixBits; word++) {
      const freeBits = Math.max(0, (word + 1) * WORD_BITS - ip.prefixBits);
      const span = 2 ** freeBits - 1;
      next = this.compare(first + word, getI32(address, 4 * word), next, ifFalse, span);
    }
    return next;
  }

  /** @param span number of values behind `value` that match, too */
  private compare(field: Field, value: number, ifTrue: number, ifFalse: number, span = 0): number {
    if (ifTrue === ifFalse) return ifTrue;
    const key = [field, value, ifTrue, ifFalse, span].join();
    const known = this.known.get(key);
    if (known !== undefined) return known;
    const at = this.words.length;
    const next = at - COMPARISON_WORDS;
    const place = (to: number): number => (to === next && to >= 0 ? NEXT : to);
    this.words.push(field, value, place(ifTrue), place(ifFalse), span);
    this.known.set(key, at);
    return at;
  }
}
