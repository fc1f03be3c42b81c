import { describe, expect, test } from '@jest/globals';
import { PORT_KINDS } from '../../../src/ports/kinds';

const parse = (text: string) => PORT_KINDS.parse(text);

describe('the text of a datagram port', () => {
  test.each([
    ['dgram:/run/a', { name: '/run/a' }],
    ['dgram:/run/a,peer=/run/b,mtu=9000', { name: '/run/a', peer: '/run/b', mtu: 9_000 }],
    ['dgram:/run/a,mode=0660,group=kvm', { name: '/run/a', mode: '0660', group: 'kvm' }],
    [
      'dgram:192.0.2.1:5001,peer=192.0.2.2:5002,trusted',
      { name: '192.0.2.1:5001', peer: '192.0.2.2:5002', trusted: true },
    ],
    [
      'dgram:[2001:DB8::1]:5001,peer=[2001:db8:0::2]:5002',
      { name: '[2001:db8::1]:5001', peer: '[2001:db8::2]:5002' },
    ],
  ])('%s', (text, spec) => {
    expect(parse(text)).toEqual({ kind: 'dgram', ...spec });
    expect(parse(PORT_KINDS.format(parse(text)))).toEqual(parse(text));
  });

  test.each([
    ['dgram:192.0.2.1:5001', 'peer: is needed'],
    ['dgram:192.0.2.1:5001,peer=/run/b', 'peer: expected an address of IPv4, got a path'],
    ['dgram:192.0.2.1:5001,peer=[2001:db8::2]:5002', 'got an address of IPv6'],
    ['dgram:/run/a,peer=192.0.2.2:5002', 'peer: expected a path'],
    ['dgram:/run/a,peer=192.0.2.2', 'peer: expected a path such as'],
    ['dgram:192.0.2.1:5001,peer=192.0.2.2:5002,mode=0660', 'mode: is for a path'],
    ['dgram:/run/a,connect', 'no such key'],
    ['dgram:/run/a,peer=/run/../run/a', 'peer: is the address of the port itself'],
    ['dgram:192.0.2.1:5001,peer=192.0.2.1:5001', 'peer: is the address of the port itself'],
  ])('%s is refused', (text, complaint) => {
    expect(() => parse(text)).toThrow(complaint);
  });
});
