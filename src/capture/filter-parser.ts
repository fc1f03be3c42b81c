/**
 * Which frames to capture, in tcpdump's words: those that ask for addresses, protocols and ports.
 *
 *     arp or icmp6
 *     host 192.0.2.1 and not port 22
 *     ether src 02:00:00:00:00:01 and ether proto 0x88b5
 *
 * A subset of pcap-filter(7), with one departure: the EtherType of a tagged frame is the one behind
 * its tags, with or without the word `vlan`.
 */

import { parseIpAddress } from '../config/ip-address';
import { ValueError } from '../config/rule';
import { macToBytes, parseMac } from '../l2/mac';
import { ARP, type Filter, IPV4, IPV6, type Side, TCP, UDP } from './filter';

/** Words that stand for themselves. */
const WORDS: Readonly<Record<string, Filter>> = {
  arp: { kind: 'ether-type', type: ARP },
  ip: { kind: 'ether-type', type: IPV4 },
  ip6: { kind: 'ether-type', type: IPV6 },
  icmp: { kind: 'protocol', number: 1 },
  tcp: { kind: 'protocol', number: TCP },
  udp: { kind: 'protocol', number: UDP },
  icmp6: { kind: 'protocol', number: 58 },
};

const KNOWN = [...Object.keys(WORDS), 'host', 'port', 'ether', 'vlan', 'src', 'dst', 'not'];

/** @throws ValueError that names the word. */
export function parseFilter(text: string): Filter {
  const words = text.replace(/[()]/g, ' $& ').split(/\s+/).filter(Boolean);
  if (words.length === 0) return { kind: 'all' };
  const parser = new Parser(words);
  const filter = parser.alternatives();
  parser.expectEnd();
  return filter;
}

class Parser {
  private at = 0;

  constructor(private readonly words: readonly string[]) {}

  alternatives(): Filter {
    let left = this.conjunction();
    while (this.skip('or', '||')) left = { kind: 'or', left, right: this.conjunction() };
    return left;
  }

  expectEnd(): void {
    const word = this.words[this.at];
    if (word !== undefined) throw new ValueError(`"${word}": expected "and", "or" or the end`);
  }

  private conjunction(): Filter {
    let left = this.factor();
    while (this.skip('and', '&&')) left = { kind: 'and', left, right: this.factor() };
    return left;
  }

  private factor(): Filter {
    if (this.skip('not', '!')) return { kind: 'not', of: this.factor() };
    if (!this.skip('(')) return this.primitive();
    const inside = this.alternatives();
    if (!this.skip(')')) throw new ValueError('a parenthesis is not closed');
    return inside;
  }

  private primitive(): Filter {
    if (this.skip('ether')) return this.ether();
    if (this.skip('vlan')) return this.vlan();
    const side = this.side();
    if (side === 'either' && this.words[this.at] !== undefined) {
      const alone = new Map(Object.entries(WORDS)).get(this.words[this.at] as string);
      if (alone !== undefined) {
        this.at++;
        return alone;
      }
    }
    if (this.skip('port')) return { kind: 'port', side, port: this.number('a port', 65535) };
    if (this.skip('host') || side !== 'either') return { kind: 'ip', side, bytes: this.address() };
    const word = this.words[this.at];
    const what = word === undefined ? 'nothing' : `"${word}"`;
    throw new ValueError(`${what}: expected one of ${KNOWN.join(', ')}`);
  }

  private ether(): Filter {
    if (this.skip('proto')) {
      return { kind: 'ether-type', type: this.number('an EtherType', 0xffff) };
    }
    const side = this.side();
    if (!this.skip('host') && side === 'either') {
      throw new ValueError('ether: expected "proto", "host", "src" or "dst" behind it');
    }
    const word = this.next('a MAC address');
    const mac = parseMac(word);
    if (mac === undefined) throw new ValueError(`"${word}": expected a MAC address`);
    return { kind: 'mac', side, bytes: macToBytes(mac.hi16, mac.lo32) };
  }

  private vlan(): Filter {
    const isNumbered = /^\d+$/.test(this.words[this.at] ?? '');
    return { kind: 'tagged', ...(isNumbered && { vid: this.number('a VLAN', 4095) }) };
  }

  private side(): Side {
    return this.skip('src') ? 'src' : this.skip('dst') ? 'dst' : 'either';
  }

  private address(): number[] {
    const word = this.next('an IP address');
    const bytes = parseIpAddress(word);
    if (bytes === undefined) throw new ValueError(`"${word}": expected an IP address`);
    return [...bytes];
  }

  private number(what: string, max: number): number {
    const word = this.next(what);
    const value = /^(\d+|0x[\da-f]+)$/i.test(word) ? Number(word) : Number.NaN;
    if (!(value <= max)) throw new ValueError(`"${word}": expected ${what}, 0 to ${max}`);
    return value;
  }

  private next(what: string): string {
    const word = this.words[this.at++];
    if (word === undefined) throw new ValueError(`expected ${what} at the end`);
    return word;
  }

  private skip(...words: string[]): boolean {
    if (!words.includes(this.words[this.at] ?? '')) return false;
    this.at++;
    return true;
  }
}
