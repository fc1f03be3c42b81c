import { describe, expect, test } from '@jest/globals';
import { readFileValues } from '../../../src/config/file-schema';
import { PORT_KINDS } from '../../../src/ports/kinds';

const parse = (text: string) => PORT_KINDS.parse(text);

describe('the text of a stream port', () => {
  test.each([
    ['stream:/run/guest.sock', { name: '/run/guest.sock' }],
    ['stream:./guest.sock,connect', { name: './guest.sock', connect: true }],
    ['stream:/run/a,listen,prefix=2,mtu=9000', { name: '/run/a', prefix: 2, mtu: 9000 }],
    ['stream:/run/guest@1.sock', { name: '/run/guest@1.sock' }],
    ['stream:/run/a#2,mode=660,group=kvm', { name: '/run/a#2', mode: '0660', group: 'kvm' }],
    ['stream:192.0.2.1:5555,trusted', { name: '192.0.2.1:5555', trusted: true }],
    ['stream:[2001:DB8:0::1]:5555', { name: '[2001:db8::1]:5555' }],
    ['stream:127.0.0.1:5555#3', { name: '127.0.0.1:5555#3' }],
  ])('%s', (text, spec) => {
    expect(parse(text)).toEqual({ kind: 'stream', ...spec });
    expect(parse(PORT_KINDS.format(parse(text)))).toEqual(parse(text));
  });

  test.each([
    ['stream:guest.sock', 'expected a path such as'],
    ['stream:', 'expected a path such as'],
    ['stream:run/guest.sock', 'begins with "/" or "."'],
    ['stream:/run/', 'a folder'],
    ['stream:/run/%d', 'without "," and "%"'],
    ['stream:/run/a,b', 'no such key'],
    ['stream:/run/a,listen,connect', 'a port does one of both'],
    ['stream:/run/a,listen=off', 'give connect'],
    ['stream:/run/a,connect,max=2', 'has one peer'],
    ['stream:/run/a#2,connect', 'has one peer'],
    ['stream:/run/a#2,max=2', 'leave out #N'],
    ['stream:/run/a,connect,mode=0660', 'mode: is for a path at which the port listens'],
    ['stream:/run/a#0', 'a place from #1'],
    ['stream:/run/a#1025', 'a place from #1'],
    ['stream:/run/a,max=0', 'max: expected'],
    ['stream:192.0.2.1', 'expected a path such as'],
    ['stream:192.0.2.1:5555@red', 'a port of kind stream lies in no namespace; leave it out'],
    ['stream:localhost:5555@red', 'expected a path such as'],
    ['stream:192.0.2.1:0', 'expected a path such as'],
    ['stream:192.0.2.1:65536', 'expected a path such as'],
    ['stream:2001:db8::1:5555', 'expected a path such as'],
    ['stream:localhost:5555', 'expected a path such as'],
    ['stream:192.0.2.1:5555,mode=0660', 'mode: is for a path'],
    ['stream:/run/a,prefix=3', 'prefix: expected 2 or 4 bytes'],
    ['stream:/run/a,mode=rw', 'mode: expected a mode in octal'],
    [`stream:/${'x'.repeat(107)}`, 'at most 107 bytes'],
  ])('%s is refused', (text, complaint) => {
    expect(() => parse(text)).toThrow(complaint);
  });

  test('max stands for a port for each peer', () => {
    const specs = PORT_KINDS.expand([parse('stream:/run/a,max=2,prefix=2'), parse('tap0')]);
    expect(specs.map((spec) => PORT_KINDS.format(spec))).toEqual([
      'stream:/run/a#1,prefix=2',
      'stream:/run/a#2,prefix=2',
      'tap0',
    ]);
  });
});

describe('a stream port in a file', () => {
  const read = (port: unknown) => readFileValues({ ports: [port] }, PORT_KINDS);

  test('is a text or a mapping', () => {
    const spec = { kind: 'stream', name: '/run/a#1', mode: '0660', prefix: 4 };
    expect(read('stream:/run/a,mode=0660,prefix=4,max=1')).toEqual({ given: { ports: [spec] } });
    expect(
      read({ kind: 'stream', name: '/run/a', mode: '0660', prefix: 4, max: 1, listen: true }),
    ).toEqual({ given: { ports: [spec] } });
  });

  test('is refused if its keys contradict each other', () => {
    expect(read({ kind: 'stream', name: '/run/a', connect: true, max: 2 })).toMatchObject({
      faults: [{ path: ['ports', 0], message: expect.stringContaining('has one peer') }],
    });
    expect(read({ kind: 'stream', name: '/run/a', mode: 432 })).toMatchObject({
      faults: [{ path: ['ports', 0, 'mode'] }],
    });
  });
});
