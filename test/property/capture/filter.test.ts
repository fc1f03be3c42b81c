/** Folded and compiled filters match the same frames as the tree of their words. */

import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { compileFilter } from '../../../src/capture/filter-compiler';
import { parseFilter } from '../../../src/capture/filter-parser';
import { isAccepted } from '../../../src/capture/filter-program';
import { FrameFields } from '../../../src/capture/frame-fields';
import { naivelyMatches } from '../../support/naive-filter';

const MACS = ['020000000001', '020000000002', 'ffffffffffff'];
const IPV4 = ['c0000201', 'c0000202', '00000000'];
const IPV6 = [
  '20010db8000000000000000000000001',
  '20010db8000000000000000000000002',
  '0'.repeat(32),
];
const PORTS = ['0000', '0009', '0016', 'ffff'];

const mac = fc.constantFrom(...MACS);
const v4 = fc.constantFrom(...IPV4);
const v6 = fc.constantFrom(...IPV6);
const port = fc.constantFrom(...PORTS);
const protocol = fc.constantFrom('01', '06', '11', '3a');
const fragment = fc.constantFrom('0000', '2000', '0001');
const tag = fc.constantFrom('', '81000007', '88a80003', '88a8000381000007');

const payload = fc.oneof(
  fc
    .tuple(fc.constantFrom('45', '46'), fragment, protocol, v4, v4, port, port)
    .map(([head, flags, number, source, target, from, to]) => {
      const options = head === '46' ? 'c0000201' : '';
      const fixed = `${head}00002800 01${flags}40${number}0000`.replace(' ', '00').slice(0, 24);
      return `0800${fixed}${source}${target}${options}${from}${to}`;
    }),
  fc
    .tuple(protocol, v6, v6, port, port)
    .map(
      ([number, source, target, from, to]) =>
        `86dd600000000008${number}40${source}${target}${from}${to}`,
    ),
  fc
    .tuple(mac, v4, mac, v4)
    .map(([sender, source, target, to]) => `08060001080006040001${sender}${source}${target}${to}`),
  fc.constant('88b5'),
);
const frame = fc
  .tuple(mac, mac, tag, payload, fc.nat({ max: 90 }))
  .map(([to, from, tags, rest, bytes]) => `${to}${from}${tags}${rest}`.slice(0, 2 * bytes));

const side = fc.constantFrom('', 'src ', 'dst ');
const primitive = fc.oneof(
  fc.constantFrom('arp', 'ip', 'ip6', 'icmp', 'icmp6', 'tcp', 'udp', 'vlan', 'vlan 7', 'vlan 3'),
  fc.constantFrom('ether proto 0x88b5', 'ether proto 0x8100'),
  fc
    .tuple(side, fc.constantFrom('192.0.2.1', '192.0.2.2', '0.0.0.0', '2001:db8::1', '::'))
    .map(([where, address]) => `${where}host ${address}`),
  fc
    .tuple(
      fc.constantFrom('', 'ip ', 'arp '),
      side,
      fc.constantFrom('0.0.0.0/0', '0.0.0.0/1', '192.0.2.0/24', '192.0.2.2/31', '192.0.2.1'),
    )
    .map(([protocol, where, net]) => `${protocol}${where}net ${net}`),
  fc
    .tuple(
      fc.constantFrom('', 'ip6 '),
      side,
      fc.constantFrom('::/0', '8000::/1', '2001:db8::/32', '2001:db8::/96', '2001:db8::2/127'),
    )
    .map(([protocol, where, net]) => `${protocol}${where}net ${net}`),
  fc
    .tuple(
      fc.constantFrom('', 'tcp ', 'udp '),
      side,
      fc.constantFrom('port 0', 'port 9', 'portrange 0-9', 'portrange 9-65535', 'portrange 1-8'),
    )
    .map((parts) => parts.join('')),
  fc
    .tuple(side, fc.constantFrom('02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff'))
    .map(([where, address]) => `ether ${where}host ${address}`),
);
const { words } = fc.letrec<{ words: string }>((tie) => ({
  words: fc.oneof(
    { maxDepth: 4 },
    primitive,
    tie('words').map((inside) => `not (${inside})`),
    tie('words').map((inside) => `not ${inside}`),
    tie('words').map((inside) => `!${inside}`),
    fc
      .tuple(tie('words'), fc.constantFrom('and', 'or'), tie('words'))
      .map(([left, how, right]) => `(${left} ${how} ${right})`),
    fc
      .tuple(tie('words'), fc.constantFrom(' and ', '||', '&&'), tie('words'))
      .map((parts) => parts.join('')),
  ),
}));

test('a compiled filter matches the frames that the tree of its words matches', () => {
  const fields = new FrameFields();
  const matched = { yes: 0, no: 0 };
  fc.assert(
    fc.property(words, fc.array(frame, { minLength: 1, maxLength: 20 }), (text, frames) => {
      const program = compileFilter(text);
      const tree = parseFilter(text);
      for (const hex of frames) {
        const bytes = Buffer.from(`${'81'.repeat(8)}${hex}${'81'.repeat(64)}`, 'hex');
        fields.read(bytes, 8, 8 + hex.length / 2, program.parts);
        const isMatched = isAccepted(program, fields);
        expect(isMatched).toBe(naivelyMatches(tree, hex));
        matched[isMatched ? 'yes' : 'no']++;
      }
    }),
    { numRuns: 1_000 },
  );
  expect(matched.yes).toBeGreaterThan(1_000);
  expect(matched.no).toBeGreaterThan(1_000);
});
