import { describe, expect, test } from '@jest/globals';
import { ValueError } from '../../../src/config/values/rule';
import type { NativeError } from '../../../src/native/native';
import { explainRefusal, explained } from '../../../src/device/explain-refusal';
import { TunTapError } from '../../../src/system/tuntap-error';

interface Refusal {
  readonly syscall: string;
  readonly code: string;
  readonly subject?: string;
  readonly detail?: string;
}

function refusal({ syscall, code, subject = 'tun0', detail }: Refusal): NativeError {
  const more = { ...(detail !== undefined && { detail }) };
  return Object.assign(new Error('refused'), { syscall, code, errno: 1, subject, ...more });
}

const TUN0 = { name: 'tun0', mode: 'tun' } as const;

/** Messages about TUN devices only. open-failure.test.ts has those about TAPs and about both kinds. */
describe('refusals by the kernel of a TUN device', () => {
  test.each<[Refusal, string]>([
    [
      { syscall: 'TUNSETIFF', code: 'EINVAL', detail: 'tun/tap' },
      'is a TAP, which carries no bare IP packets (EINVAL); choose another name',
    ],
    [
      { syscall: 'TUNSETIFF', code: 'EINVAL', detail: 'tun/tun' },
      'this TUN device was made without "multi_queue" (EINVAL); leave that out',
    ],
    [
      { syscall: 'TUNSETIFF', code: 'EINVAL', detail: 'veth' },
      'is an interface of kind veth, not a TUN device (EINVAL); choose another name',
    ],
    [
      { syscall: 'TUNSETIFF', code: 'EEXIST', detail: 'tun/tun' },
      'there is a TUN device of this name (EEXIST); remove it or choose another name',
    ],
    [
      { syscall: 'TUNSETIFF', code: 'ENODEV' },
      'there is no TUN device of this name (ENODEV); make one: sudo ip tuntap add tun0 mode tun',
    ],
    [
      { syscall: 'TUNSETIFF', code: 'EBUSY', detail: 'tun/tun' },
      'another program holds this TUN device (EBUSY); stop it or choose another name',
    ],
    [
      { syscall: 'RTM_NEWLINK', code: 'EINVAL', detail: 'mtu greater than device maximum' },
      'RTM_NEWLINK failed (EINVAL: mtu greater than device maximum); choose another value',
    ],
    [
      { syscall: 'TUNSETPERSIST', code: 'EPERM' },
      'TUNSETPERSIST failed (EPERM); run with sudo, or have root set it before',
    ],
  ])('%j', (refused, sentence) => {
    expect(explainRefusal(TUN0, refusal(refused))).toBe(sentence);
  });
});

describe('a public function', () => {
  function errorOf(thrown: unknown): unknown {
    try {
      return explained({ ...TUN0, netns: 'red' }, () => {
        throw thrown;
      });
    } catch (error) {
      return error;
    }
  }

  test('returns the result of its work', () => {
    expect(explained(TUN0, () => 7)).toBe(7);
  });

  test('throws a refusal by the kernel, with code and syscall', () => {
    const thrown = refusal({ syscall: 'TUNSETIFF', code: 'EBUSY', detail: 'tun/tun' });
    const error = errorOf(thrown);
    expect(error).toBeInstanceOf(TunTapError);
    expect(error).toMatchObject({ code: 'EBUSY', syscall: 'TUNSETIFF', cause: thrown });
    expect((error as Error).message).toMatch(/^tun0@red: another program holds this TUN device/);
  });

  test('throws EINVAL for a wrong value', () => {
    const thrown = new ValueError('mtu: expected something else');
    expect(errorOf(thrown)).toMatchObject({
      name: 'TunTapError',
      code: 'EINVAL',
      message: 'tun0@red: mtu: expected something else',
      cause: thrown,
    });
  });

  test('adds the name of the device to an explained error', () => {
    expect(errorOf(new TunTapError('ENOENT', 'there is no user "x"'))).toMatchObject({
      code: 'ENOENT',
      message: 'tun0@red: there is no user "x"',
    });
  });

  test('does not change an error of the program itself', () => {
    const thrown = new TypeError('not a function');
    expect(errorOf(thrown)).toBe(thrown);
  });
});
