import { describe, expect, test } from '@jest/globals';
import { MAX_COMPARISONS, compileFilter } from '../../../src/capture/filter-compiler';
import {
  ACCEPT,
  COMPARISON_WORDS,
  type FilterProgram,
  NEXT,
  REJECT,
  isAccepted,
} from '../../../src/capture/filter-program';
import { FrameFields } from '../../../src/capture/frame-fields';
import { frameOf, fromHex } from '../../support/room-harness';

const A = '020000000001';
const B = '020000000002';
const HOST_A = 'c0000201';
const HOST_B = 'c0000202';
const V6_A = '20010db8000000000000000000000001';
const V6_B = '20010db8000000000000000000000002';

const ARP_REQUEST = frameOf({
  to: 'ffffffffffff',
  from: A,
  type: '0806',
  head: '0001080006040001',
  senderMac: A,
  sender: HOST_A,
  targetMac: '000000000000',
  target: HOST_B,
});
const ipv4 = (protocol: string, payload: string, fragment = '0000', tag = ''): string =>
  frameOf({
    to: B,
    from: A,
    tag,
    type: '0800',
    version: '45000028',
    id: '0001',
    fragment,
    ttl: '40',
    protocol,
    checksum: '0000',
    source: HOST_A,
    destination: HOST_B,
    payload,
  });
const PORTS = '0050c000';
const TCP_FROM_80 = ipv4('06', PORTS);
const LATER_FRAGMENT = ipv4('11', PORTS, '0010');
const PING = ipv4('01', '08000000');
const TAGGED = ipv4('11', PORTS, '0000', '81000007');
const UDP_V6 = frameOf({
  to: B,
  from: A,
  type: '86dd',
  version: '60000000',
  length: '0008',
  nextHeader: '11',
  hopLimit: '40',
  source: V6_A,
  destination: V6_B,
  ports: PORTS,
});
const NAMES = { ARP_REQUEST, TCP_FROM_80, LATER_FRAGMENT, PING, TAGGED, UDP_V6 };
type Name = keyof typeof NAMES;
const ALL = Object.keys(NAMES) as Name[];
const IP4: Name[] = ['TCP_FROM_80', 'LATER_FRAGMENT', 'PING', 'TAGGED'];

/** Whether the filter selects the frame. The frame lies among other bytes, which the filter must not read. */
function isWanted(filter: FilterProgram, frame: Uint8Array): boolean {
  const [start, end] = [8, 8 + frame.length];
  const answers = [0x00, 0x08, 0x81].map((around) => {
    const bytes = new Uint8Array(end + 64).fill(around);
    bytes.set(frame, start);
    const fields = new FrameFields();
    fields.values.fill(around);
    fields.read(bytes, start, end, filter.parts);
    return isAccepted(filter, fields);
  });
  expect(new Set(answers).size).toBe(1);
  return answers[0] as boolean;
}

describe('a filter for captures', () => {
  test.each<[text: string, wanted: Name[]]>([
    ['', ALL],
    ['arp', ['ARP_REQUEST']],
    ['ip', IP4],
    ['ip6', ['UDP_V6']],
    ['icmp', ['PING']],
    ['tcp', ['TCP_FROM_80']],
    ['udp', ['LATER_FRAGMENT', 'TAGGED', 'UDP_V6']],
    ['port 80', ['TCP_FROM_80', 'TAGGED', 'UDP_V6']],
    ['src port 80 and tcp', ['TCP_FROM_80']],
    ['dst port 80', []],
    ['host 192.0.2.2', ['ARP_REQUEST', ...IP4]],
    ['src host 192.0.2.2', []],
    ['dst 192.0.2.2', ['ARP_REQUEST', ...IP4]],
    ['host 2001:db8::1', ['UDP_V6']],
    ['ether host 02:00:00:00:00:02', [...IP4, 'UDP_V6']],
    ['ether dst ff:ff:ff:ff:ff:ff', ['ARP_REQUEST']],
    ['ether src 02:00:00:00:00:01', ALL],
    ['ether proto 0x0806', ['ARP_REQUEST']],
    ['vlan', ['TAGGED']],
    ['vlan 7 and udp', ['TAGGED']],
    ['vlan 8', []],
    ['not ip', ['ARP_REQUEST', 'UDP_V6']],
    ['arp or icmp', ['ARP_REQUEST', 'PING']],
    ['arp or ip and tcp', ['TCP_FROM_80']],
    ['tcp and ip or arp', ['ARP_REQUEST', 'TCP_FROM_80']],
    ['arp or (ip and tcp)', ['ARP_REQUEST', 'TCP_FROM_80']],
    ['arp||icmp', ['ARP_REQUEST', 'PING']],
    ['ip&&!tcp&&!udp', ['PING']],
    ['!(arp||ip)', ['UDP_V6']],
    ['!tcp port 80 and port 80', ['TAGGED', 'UDP_V6']],
    ['tcp port 80', ['TCP_FROM_80']],
    ['udp src port 80', ['TAGGED', 'UDP_V6']],
    ['udp dst portrange 49152-49153', ['TAGGED', 'UDP_V6']],
    ['portrange 81-49151', []],
    ['portrange 0-79', []],
    ['portrange 80-81', ['TCP_FROM_80', 'TAGGED', 'UDP_V6']],
    ['portrange 80', ['TCP_FROM_80', 'TAGGED', 'UDP_V6']],
    ['net 192.0.2.0/24', ['ARP_REQUEST', ...IP4]],
    ['ip net 192.0.2.0/24', IP4],
    ['arp net 192.0.2.0/24', ['ARP_REQUEST']],
    ['ip host 192.0.2.1', IP4],
    ['src net 192.0.2.2/31', []],
    ['dst net 192.0.2.2/31', ['ARP_REQUEST', ...IP4]],
    ['net 198.51.100.0/24', []],
    ['net 0.0.0.0/0', ['ARP_REQUEST', ...IP4]],
    ['net 128.0.0.0/1', ['ARP_REQUEST', ...IP4]],
    ['net 0.0.0.0/1', []],
    ['ip6 src net 2001:db8::/32', ['UDP_V6']],
    ['net 2001:db8::/126', ['UDP_V6']],
    ['src net 2001:db8::2/127', []],
    ['net ::/0', ['UDP_V6']],
    ['(arp or ip) and not tcp', ['ARP_REQUEST', 'LATER_FRAGMENT', 'PING', 'TAGGED']],
  ])('%j', (text, wanted) => {
    const filter = compileFilter(text);
    expect(ALL.filter((name) => isWanted(filter, fromHex(NAMES[name])))).toEqual(wanted);
  });

  test('matches no field that a short frame does not have', () => {
    for (const text of ['ip', 'host 192.0.2.1', 'port 80', 'vlan', 'tcp']) {
      for (let length = 0; length < 40; length++) {
        const frame = fromHex(TAGGED).subarray(0, length);
        expect([true, false]).toContain(isWanted(compileFilter(text), frame));
      }
      expect(isWanted(compileFilter(text), new Uint8Array(10))).toBe(false);
    }
  });

  test('does not follow more tags than real stacks have', () => {
    const frame = fromHex(`${B}${A}${'81000007'.repeat(16_000)}0800`);
    expect(isWanted(compileFilter('vlan 7'), frame)).toBe(true);
    expect(isWanted(compileFilter('ip'), frame)).toBe(false);
    expect(isWanted(compileFilter('ether proto 0x8100'), frame)).toBe(true);
  });

  const comparisons = (text: string): number => compileFilter(text).words.length / COMPARISON_WORDS;

  test.each<[text: string, same: string]>([
    ['not not arp', 'arp'],
    [`${'not '.repeat(500)}arp`, 'arp'],
    ['port 9 or port 9', 'port 9'],
    [`${'port 9 or '.repeat(170)}port 9`, 'port 9'],
    ['(port 9 or tcp) or (tcp or port 9)', 'port 9 or tcp'],
    ['tcp and (port 9 and tcp)', 'tcp and port 9'],
    ['not (not tcp or not port 9)', 'tcp and port 9'],
    ['(tcp and port 9) or (port 9 and tcp)', 'tcp and port 9'],
    ['arp or (tcp and not tcp)', 'arp'],
    ['arp and (tcp or not tcp)', 'arp'],
    ['net 192.0.2.1/32 or net 192.0.2.1', 'host 192.0.2.1'],
    ['portrange 9-9', 'port 9'],
    ['tcp and tcp port 9', 'tcp port 9'],
    ['net 2001:db8::/32', 'host 192.0.2.1'],
  ])('%# costs as much as %s', (text, same) => {
    expect(comparisons(text)).toBe(comparisons(same));
  });

  test.each([
    ['tcp or not tcp', ACCEPT],
    ['tcp or (port 9 or not tcp)', ACCEPT],
    ['port 9 and not port 9', REJECT],
  ])('%s compares nothing', (text, end) => {
    expect(compileFilter(text)).toMatchObject({ start: end, words: new Int32Array(0) });
  });

  test('takes no more comparisons than the limit', () => {
    const ports = (count: number): string =>
      Array.from({ length: count }, (_, index) => `port ${index + 1}`).join(' or ');
    expect(comparisons(ports(MAX_COMPARISONS / 2))).toBe(MAX_COMPARISONS);
    expect(() => compileFilter(ports(MAX_COMPARISONS / 2 + 1))).toThrow(
      /^takes 98 comparisons a frame, 96 at most .*; ask for fewer of them$/,
    );
    expect(() => compileFilter('arp or '.repeat(300))).toThrow(
      /^has 600 words, 512 at most; ask for less$/,
    );
  });

  test('folds a filter as deep as its words allow', () => {
    const chain = Array.from({ length: 30 }, (_, at) => `vlan ${at} and port ${at} or `).join('');
    expect(comparisons(`${chain} arp`)).toBeGreaterThan(60);
    const nested = `${'arp and (ip or ('.repeat(40)}tcp${'))'.repeat(40)}`;
    expect(comparisons(nested)).toBeGreaterThan(1);
  });

  test('never goes backwards in its program', () => {
    const { words, start } = compileFilter(
      '(host 2001:db8::1 or ether host 02:00:00:00:00:01) and not (port 1 or vlan 3) or src port 5',
    );
    expect(start).toBe(words.length - COMPARISON_WORDS);
    for (let at = 0; at < words.length; at += COMPARISON_WORDS) {
      expect(words[at + 2]).toBeLessThan(at);
      expect(words[at + 3]).toBeLessThan(at);
      expect(at > 0 || ![words[2], words[3]].includes(NEXT)).toBe(true);
    }
  });

  test.each([
    ['nonsense', /^word 1, "nonsense": expected one of arp, ip, /],
    ['host', /^at the end: expected an IP address$/],
    ['host x', /^word 2, "x": expected an IP address$/],
    ['ether host x', /^word 3, "x": expected a MAC address$/],
    ['ether x', /^word 2, "x": expected "proto", "host", "src" or "dst" behind "ether"$/],
    ['port 70000', /^word 2, "70000": expected a port, 0 to 65535$/],
    ['net 192.0.2.1/24', /^word 2, "192.0.2.1\/24": expected zeros behind the first 24 bits$/],
    ['net 192.0.2.0/33', /^word 2, "192.0.2.0\/33": expected a prefix of 0 to 32 bits$/],
    ['net 192.0.2.0/', /^word 2, "192.0.2.0\/": expected a prefix of 0 to 32 bits$/],
    ['net 2001:db8::/129', /^word 2, .*: expected a prefix of 0 to 128 bits$/],
    ['net x/24', /^word 2, "x\/24": expected an IP address$/],
    ['host 192.0.2.0/24', /^word 2, "192.0.2.0\/24": expected an IP address$/],
    ['ip6 host 192.0.2.1', /^word 3, "192.0.2.1": expected an IPv6 address$/],
    ['arp net 2001:db8::/32', /^word 3, .*: expected an IPv4 address$/],
    ['portrange 9-8', /^word 2, "9-8": expected a range of ports such as 5000-5010, 0 to 65535$/],
    ['portrange 1-65536', /^word 2, "1-65536": expected a range of ports/],
    ['portrange 1-2-3', /^word 2, "1-2-3": expected a range of ports/],
    ['portrange -', /^word 2, "-": expected a range of ports/],
    ['tcp host 192.0.2.1', /^word 2, "host": expected "and", "or" or the end$/],
    ['ip port 80', /^word 2, "port": expected "and", "or" or the end$/],
    ['!', /^at the end: expected one of /],
    ['arp icmp', /^word 2, "icmp": expected "and", "or" or the end$/],
    ['arp or (ip', /^word 3, "\(": this parenthesis is not closed$/],
    ['arp and', /^at the end: expected one of /],
    ['constructor', /^word 1, "constructor": expected one of /],
  ])('%j is refused', (text, reason) => {
    expect(() => compileFilter(text)).toThrow(reason);
  });
});
