/**
 * Parses a capture filter in tcpdump's words for addresses, protocols and ports:
 *
 *     arp or icmp6
 *     host 192.0.2.1 and not port 22
 *     ether src 02:00:00:00:00:01 and ether proto 0x88b5
 *
 * It is a subset of pcap-filter(7) with one departure: the EtherType of a tagged frame is the one
 * behind its tags, with or without the word `vlan`.
 */

import { parseIpAddress } from '../wire/ip-text';
import { FilterError } from './filter-error';
import { macToBytes, parseMac } from '../wire/mac';
import { ALL, type Filter, type Side } from './filter';
import { ARP, IPV4, IPV6, TCP, UDP } from './frame-fields';

/** Most words of a filter: more than a person writes, and too few to exhaust the parser's stack. */
const WORDS_MAX = 512;

/** Words that are a whole filter. */
const ALONE: ReadonlyMap<string | undefined, Filter> = new Map<string, Filter>([
  ['arp', { kind: 'ether-type', type: ARP }],
  ['ip', { kind: 'ether-type', type: IPV4 }],
  ['ip6', { kind: 'ether-type', type: IPV6 }],
  ['icmp', { kind: 'protocol', number: 1 }],
  ['tcp', { kind: 'protocol', number: TCP }],
  ['udp', { kind: 'protocol', number: UDP }],
  ['icmp6', { kind: 'protocol', number: 58 }],
]);

const KNOWN = [...ALONE.keys(), 'host', 'port', 'ether', 'vlan', 'src', 'dst', 'not'];

/** @throws FilterError that names the word and its position, counted from one */
export function parseFilter(text: string): Filter {
  const words = text.replace(/[()]/g, ' $& ').split(/\s+/).filter(Boolean);
  if (words.length === 0) return ALL;
  if (words.length > WORDS_MAX) {
    throw new FilterError(`has ${words.length} words, ${WORDS_MAX} at most; ask for less`);
  }
  const parser = new Parser(words);
  const filter = parser.alternatives();
  parser.expectEnd();
  return filter;
}

class Parser {
  private at = 0;

  constructor(private readonly words: readonly string[]) {}

  alternatives(): Filter {
    const terms = [this.conjunction()];
    while (this.skip('or', '||')) terms.push(this.conjunction());
    return listOf('or', terms);
  }

  expectEnd(): void {
    if (this.word !== undefined) throw this.expected('"and", "or" or the end');
  }

  private conjunction(): Filter {
    const terms = [this.factor()];
    while (this.skip('and', '&&')) terms.push(this.factor());
    return listOf('and', terms);
  }

  private factor(): Filter {
    if (this.skip('not', '!')) return { kind: 'not', term: this.factor() };
    const openedAt = this.at;
    if (!this.skip('(')) return this.primitive();
    const inside = this.alternatives();
    if (this.skip(')')) return inside;
    throw new FilterError(`word ${openedAt + 1}, "(": this parenthesis is not closed`);
  }

  private primitive(): Filter {
    if (this.skip('ether')) return this.ether();
    if (this.skip('vlan')) return this.vlan();
    const alone = ALONE.get(this.word);
    if (alone !== undefined) {
      this.at++;
      return alone;
    }
    const side = this.side();
    if (this.skip('port')) return { kind: 'port', side, port: this.number('a port', 65535) };
    if (this.skip('host') || side !== 'either') return { kind: 'ip', side, bytes: this.address() };
    throw this.expected(`one of ${KNOWN.join(', ')}`);
  }

  private ether(): Filter {
    if (this.skip('proto')) {
      return { kind: 'ether-type', type: this.number('an EtherType', 0xffff) };
    }
    const side = this.side();
    if (!this.skip('host') && side === 'either') {
      throw this.expected('"proto", "host", "src" or "dst" behind "ether"');
    }
    const mac = parseMac(this.word ?? '');
    if (mac === undefined) throw this.expected('a MAC address');
    this.at++;
    return { kind: 'mac', side, bytes: macToBytes(mac.hi16, mac.lo32) };
  }

  private vlan(): Filter {
    const isNumbered = /^\d+$/.test(this.word ?? '');
    return { kind: 'tagged', ...(isNumbered && { vid: this.number('a VLAN', 4095) }) };
  }

  private side(): Side {
    return this.skip('src') ? 'src' : this.skip('dst') ? 'dst' : 'either';
  }

  private address(): number[] {
    const bytes = parseIpAddress(this.word ?? '');
    if (bytes === undefined) throw this.expected('an IP address');
    this.at++;
    return [...bytes];
  }

  private number(what: string, max: number): number {
    const { word = '' } = this;
    const value = /^(\d+|0x[\da-f]+)$/i.test(word) ? Number(word) : Number.NaN;
    if (!(value <= max)) throw this.expected(`${what}, 0 to ${max}`);
    this.at++;
    return value;
  }

  private get word(): string | undefined {
    return this.words[this.at];
  }

  private expected(what: string): FilterError {
    const { at, word } = this;
    const place = word === undefined ? 'at the end' : `word ${at + 1}, "${word}"`;
    return new FilterError(`${place}: expected ${what}`);
  }

  private skip(...words: string[]): boolean {
    if (!words.includes(this.word ?? '')) return false;
    this.at++;
    return true;
  }
}

function listOf(kind: 'and' | 'or', terms: readonly Filter[]): Filter {
  return terms.length === 1 ? (terms[0] as Filter) : { kind, terms };
}
