import { describe, expect, test } from '@jest/globals';
import { PORT_KINDS } from '../../../src/ports/kinds';
import { portFailure } from '../../../src/ports/refuse-port';
import { tapKind } from '../../../src/ports/tap-port';
import { StartError } from '../../../src/system/start-error';
import type { NativeError } from '../../../src/native/native';

interface Refusal {
  readonly syscall: string;
  readonly code: string;
  readonly subject?: string;
  readonly detail?: string;
}

/** Error that the addon throws. Its errno does not matter to the explanation. */
function refusal({ syscall, code, subject = 'tap0', detail }: Refusal): NativeError {
  return Object.assign(new Error(`${syscall} ${subject}: ${code}`), {
    syscall,
    code,
    errno: 1,
    subject,
    ...(detail !== undefined && { detail }),
  });
}

function explain(spec: string, error: unknown): string {
  const { message } = portFailure(tapKind, PORT_KINDS.parse(spec), error);
  // The mode and owner of /dev/net/tun differ from machine to machine.
  return message.replace(/, mode [0-7]{4} of \S+/, '');
}

const TUN = '/dev/net/tun';
const CONTAINER = '--device /dev/net/tun --cap-add NET_ADMIN';
/** The cure depends on the user: for root, the container lacks the capability, and sudo does not help. */
const IS_ROOT = process.geteuid?.() === 0;
const FOR_ROOT = IS_ROOT ? `; in a container: ${CONTAINER}` : '';
const RED = '/run/netns/red';

const CASES: readonly [spec: string, refused: Refusal, sentence: string][] = [
  [
    'tap0',
    { syscall: 'TUNSETIFF', code: 'EBUSY', detail: 'tun/tap' },
    'tap0: another program holds this TAP (EBUSY); stop it or choose another name, ' +
      'or take the interface as it is: nic:tap0 (docs/recipes.md)',
  ],
  [
    'tap0',
    { syscall: 'TUNSETIFF', code: 'EPERM' },
    'tap0: may not create a TAP, which takes CAP_NET_ADMIN (EPERM); ' +
      'run with sudo, or have it made for you: ' +
      'sudo ip tuntap add tap0 mode tap user $USER' +
      FOR_ROOT,
  ],
  [
    'tap0@red',
    { syscall: 'TUNSETIFF', code: 'EPERM' },
    'tap0@red: may not create a TAP, which takes CAP_NET_ADMIN (EPERM); ' +
      'run with sudo, or have it made for you: ' +
      'sudo ip -n red tuntap add tap0 mode tap user $USER' +
      FOR_ROOT,
  ],
  [
    'tap0',
    { syscall: 'TUNSETIFF', code: 'EPERM', detail: 'tun/tap' },
    'tap0: this TAP belongs to another user (EPERM); run with sudo, or become its owner',
  ],
  [
    'tun0',
    { syscall: 'TUNSETIFF', code: 'EINVAL', subject: 'tun0', detail: 'tun/tun' },
    'tun0: is a TUN device, which carries no Ethernet frames (EINVAL); choose another name',
  ],
  [
    'veth0',
    { syscall: 'TUNSETIFF', code: 'EINVAL', subject: 'veth0', detail: 'veth' },
    'veth0: is an interface of kind veth, not a TAP (EINVAL); choose another name, ' +
      'or take the interface as it is: nic:veth0 (docs/recipes.md)',
  ],
  [
    'eth0@red',
    { syscall: 'TUNSETIFF', code: 'EINVAL', subject: 'eth0', detail: 'e1000e' },
    'eth0@red: is an interface of kind e1000e, not a TAP (EINVAL); choose another name, ' +
      'or take the interface as it is: nic:eth0@red (docs/recipes.md)',
  ],
  [
    'br0',
    { syscall: 'TUNSETIFF', code: 'EINVAL', subject: 'br0', detail: 'bridge' },
    'br0: is an interface of kind bridge, not a TAP (EINVAL); choose another name',
  ],
  [
    'lo',
    { syscall: 'TUNSETIFF', code: 'EINVAL', subject: 'lo', detail: '?' },
    'lo: is another kind of interface, not a TAP (EINVAL); choose another name',
  ],
  [
    'tap0',
    { syscall: 'TUNSETIFF', code: 'EINVAL' },
    'tap0: the kernel refuses this name (EINVAL); choose another',
  ],
  ['tap0', { syscall: 'TUNSETIFF', code: 'ENOMEM' }, 'tap0: cannot be opened as a TAP (ENOMEM)'],
  ...['ENOENT', 'ENODEV', 'ENXIO'].map((code): [string, Refusal, string] => [
    'tap0',
    { syscall: 'open', code, subject: TUN },
    `tap0: /dev/net/tun is missing (${code}); load the driver: modprobe tun; ` +
      'in a container: --device /dev/net/tun --cap-add NET_ADMIN',
  ]),
  ...['EACCES', 'EPERM'].map((code): [string, Refusal, string] => [
    'tap0',
    { syscall: 'open', code, subject: TUN },
    `tap0: may not open /dev/net/tun (${code}); ` +
      (IS_ROOT ? `in a container: ${CONTAINER}` : 'run with sudo'),
  ]),
  // The message is the same for each call that needs a descriptor.
  ...['EMFILE', 'ENFILE'].flatMap((code) =>
    [
      { syscall: 'open', code, subject: TUN },
      { syscall: 'open', code, subject: RED },
      { syscall: 'open', code, subject: '/proc/thread-self/ns/net' },
      { syscall: 'socket', code },
      { syscall: 'fcntl', code, subject: 'port' },
      { syscall: 'epoll_create1', code, subject: 'data plane' },
      { syscall: 'eventfd', code, subject: 'doorbell' },
      { syscall: 'TUNGETDEVNETNS', code },
    ].map((refused): [string, Refusal, string] => [
      'tap0@red',
      refused,
      `tap0@red: no file descriptor is left (${code}); raise the limit: ulimit -n`,
    ]),
  ),
  [
    'tap0,offload=on',
    { syscall: 'IFF_VNET_HDR', code: 'EOPNOTSUPP' },
    'tap0: the kernel gave it no vnet header, without which it has no offloads (EOPNOTSUPP)',
  ],
  ['tap0', { syscall: 'open', code: 'EIO', subject: TUN }, 'tap0: cannot open /dev/net/tun (EIO)'],
  [
    'tap0@red',
    { syscall: 'open', code: 'ENOENT', subject: RED },
    'tap0@red: there is no network namespace "red" (ENOENT); ip netns add makes one',
  ],
  [
    'tap0@red',
    { syscall: 'open', code: 'EACCES', subject: RED },
    'tap0@red: cannot open the network namespace "red" (EACCES); run with sudo',
  ],
  [
    'tap0@/proc/1/ns/mnt',
    { syscall: 'open', code: 'EACCES', subject: '/proc/1/ns/mnt' },
    'tap0@/proc/1/ns/mnt: /proc/1/ns/mnt is not a network namespace but a namespace of another kind ' +
      '(EACCES); "ip netns" lists those with names',
  ],
  [
    'tap0@/proc/1/ns/net',
    { syscall: 'open', code: 'EACCES', subject: '/proc/1/ns/net' },
    'tap0@/proc/1/ns/net: cannot open the network namespace "/proc/1/ns/net" (EACCES); run with sudo',
  ],
  [
    'tap0@red',
    { syscall: 'setns', code: 'EPERM', subject: RED },
    `tap0@red: may not enter the network namespace ${RED} (EPERM); run with sudo`,
  ],
  ...['SIOCGIFINDEX', 'setns', 'socket', 'TUNGETDEVNETNS'].map(
    (syscall): [string, Refusal, string] => [
      'tap0@red',
      { syscall, code: 'EMFILE' },
      'tap0@red: no file descriptor is left (EMFILE); raise the limit: ulimit -n',
    ],
  ),
  ...['setns', 'TUNGETDEVNETNS'].map((syscall): [string, Refusal, string] => [
    'tap0',
    { syscall, code: 'EPERM', subject: 'tap0' },
    'tap0: was moved to a network namespace that may not be entered (EPERM), so that its MTU and ' +
      'carrier are not seen; run with CAP_SYS_ADMIN, or move it back',
  ]),
  [
    'tap0@red',
    { syscall: 'pthread_create', code: 'EAGAIN', subject: 'netns' },
    'tap0@red: no thread is left (EAGAIN); raise the limit: pids.max of the cgroup, or ulimit -u',
  ],
  [
    'tap0@/etc/hosts',
    { syscall: 'setns', code: 'EINVAL', subject: '/etc/hosts' },
    'tap0@/etc/hosts: /etc/hosts is not a network namespace (EINVAL); ' +
      '"ip netns" lists those with names',
  ],
  [
    'tap0,mtu=65000',
    { syscall: 'SIOCSIFMTU', code: 'EINVAL' },
    'tap0: the kernel refuses an MTU of 65000 (EINVAL); choose another value',
  ],
  [
    'tap0,mtu=9000',
    { syscall: 'SIOCSIFMTU', code: 'EPERM' },
    'tap0: the kernel refuses an MTU of 9000 (EPERM); run with sudo, or have root set it before',
  ],
  [
    'tap0,mac=02:00:00:00:00:01',
    { syscall: 'SIOCSIFHWADDR', code: 'EADDRNOTAVAIL' },
    'tap0: the kernel refuses the MAC 02:00:00:00:00:01 (EADDRNOTAVAIL); choose another value',
  ],
  [
    'tap0',
    { syscall: 'SIOCSIFFLAGS', code: 'EPERM' },
    'tap0: cannot set the interface up (EPERM); run with sudo, or have root set it before',
  ],
  [
    'tap0',
    { syscall: 'SIOCSIFFLAGS', code: 'EADDRNOTAVAIL' },
    'tap0: has a MAC that no station may have (EADDRNOTAVAIL); give it another: mac=ADDR',
  ],
  [
    'tap0',
    { syscall: 'SIOCSIFFLAGS', code: 'ENOBUFS' },
    'tap0: cannot set the interface up (ENOBUFS); "ip link set up" may tell more',
  ],
  [
    'tap0,owner=0',
    { syscall: 'TUNSETOWNER', code: 'EACCES' },
    'tap0: TUNSETOWNER failed (EACCES); run with sudo, or have root set it before',
  ],
];

describe('why a TAP cannot be a port', () => {
  test.each(CASES)('%s, %j', (spec, refused, sentence) => {
    expect(explain(spec, refusal(refused))).toBe(sentence);
  });

  test('keeps the error of the addon as the cause', () => {
    const error = refusal({ syscall: 'TUNSETIFF', code: 'EBUSY' });
    const explained = portFailure(tapKind, PORT_KINDS.parse('tap0'), error);
    expect(explained).toBeInstanceOf(StartError);
    expect(explained.cause).toBe(error);
  });

  test('adds the name of the port to an explained error', () => {
    const error = new StartError('there is no user "nobody2"; name one that exists, or its number');
    expect(explain('tap0,owner=nobody2', error)).toBe(`tap0: ${error.message}`);
  });

  test('keeps the message of an error that is not from the kernel', () => {
    const error = new Error('the native addon is not built (x); run: npm run build');
    expect(explain('tap0@red', error)).toBe(`tap0@red: ${error.message}`);
  });

  test('is always one line', () => {
    const sentences = CASES.map(([spec, refused]) => explain(spec, refusal(refused)));
    expect(sentences.filter((sentence) => /\n/.test(sentence))).toEqual([]);
  });
});
