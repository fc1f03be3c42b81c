/**
 * Mistakes of a user: the program prints one line with the thing, the cause and the cure, no stack
 * trace, and leaves nothing behind.
 */

import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Finished, mustRun, run } from './support/command';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { asPlainUser } from './support/plain-user';
import { switchCommand } from './support/switch-process';

const USAGE = 2;
const REFUSED = 1;

/** Expects that the program's whole output is one line, which `line` matches. */
function expectOneLine({ status, stdout, stderr }: Finished, expected: number, line: RegExp): void {
  expect(stderr).toMatch(/^switch: .*\n$/);
  expect(stderr).toMatch(line);
  expect(stdout).toBe('');
  expect(status).toBe(expected);
}

describeNetns('the switch refuses', () => {
  test.each<[what: string, args: string, line: RegExp]>([
    ['no port', '', /no port given; name at least one/],
    ['a name of 16 bytes', 'abcdefghijklmnop', /1 to 15 bytes, got "abcdefghijklmnop", 16 bytes/],
    ['a name that the kernel forbids', 'a/b', /without "\/", ":" and white space, got "a\/b"/],
    ['a port twice', 'tap0 tap1 tap0', /tap0 is given twice/],
    ['a port twice in one namespace', 'tap0@x tap0@x', /tap0@x is given twice/],
    ['a setting that there is not', 'tap0,speed=1', /"speed": no such key; one of mtu, queue, mac/],
    ['an MTU that is no number', 'tap0,mtu=big', /mtu: expected a whole number of bytes .*"big"/],
    ['an MTU that is too small', 'tap0,mtu=67', /mtu: expected .* from 68 to 65521, got "67"/],
    ['a bad MAC', '--mac 02:00:00 tap0', /--mac: expected the MAC address .*"02:00:00"/],
    ['a group MAC', '--mac 03:00:00:00:00:01 tap0', /--mac: .*"03:00:00:00:00:01", a group/],
    ['an address without prefix length', '--address 192.0.2.1 tap0', /--address: .*"192\.0\.2\.1"/],
    ['a prefix length beyond 32', '--address 192.0.2.1/33 tap0', /--address: .*192\.0\.2\.1\/33/],
    ['a group address', '--address 224.0.0.1/24 tap0', /--address: .*224\.0\.0\.1\/24/],
    ['a number that is none', '--ageing soon tap0', /--ageing: expected a whole number .*"soon"/],
    ['a number out of range', '--ageing 9 tap0', /--ageing: .* from 10 to 1000000, or 0, got "9"/],
    ['a mode that there is not', '--reserved all tap0', /--reserved: expected br0 or strict/],
    ['another such mode', '--arp maybe tap0', /--arp: expected answer, direct or off/],
    ['an option without its value', '--ageing', /'--ageing <SECONDS>' needs a value/],
    ['an option twice', '--ageing 20 tap0 --ageing 30', /--ageing: given twice; give it once/],
    ['a mistyped option', '--agein 30 tap0', /unknown option '--agein'; did you mean --ageing\?/],
    ['an option that there is not', '--xyzzy tap0', /unknown option '--xyzzy'; --help lists/],
    ['a configuration file that is missing', '--config /nonexistent.yaml', /ENOENT/],
  ])('%s', async (_, args, line) => {
    expectOneLine(await run(switchCommand(...args.split(' ').filter(Boolean))), USAGE, line);
  });

  describe('a configuration file', () => {
    let folder: string;
    beforeAll(() => {
      folder = mkdtempSync(join(tmpdir(), 'tapswitch-bad-input-'));
    });
    afterAll(() => rmSync(folder, { recursive: true }));

    test.each<[what: string, text: string, complaint: string]>([
      ['that is no YAML', 'ports: [tap0\nname: lab\n', ':2: not valid YAML: '],
      ['with a wrong key', 'ports: [tap0]\nageeing: 30\n', ':2: ageeing: '],
      [
        'with a wrong value',
        'name: lab\nports:\n  - tap0\n  - { name: tap1, mtu: 1 }\n',
        ':4: ports[1].mtu: ',
      ],
      ['with a port twice', 'ports:\n  - tap0\n  - tap0\n', ':3: ports[1]: '],
    ])('%s', async (_, text, complaint) => {
      const file = join(folder, 'lab.yaml');
      writeFileSync(file, text);
      const finished = await run(switchCommand('--config', file));
      expect(finished.stderr).toContain(`switch: ${file}${complaint}`);
      expectOneLine(finished, USAGE, /./);
    });

    test('that is a FIFO without a writer', async () => {
      const fifo = join(folder, 'fifo.yaml');
      await mustRun(['mkfifo', fifo]);
      const finished = await run(switchCommand('--config', fifo));
      expectOneLine(finished, USAGE, /fifo\.yaml: a FIFO and no regular file; --config takes/);
    });

    test('that has no end', async () => {
      const finished = await run(switchCommand('--config', '/dev/zero'));
      expectOneLine(finished, USAGE, /\/dev\/zero: a device and no regular file; --config takes/);
    });

    test('that is too large to be one', async () => {
      const large = join(folder, 'large.yaml');
      writeFileSync(large, '');
      truncateSync(large, 2 ** 40);
      const finished = await run(switchCommand('--config', large));
      expectOneLine(
        finished,
        USAGE,
        /large\.yaml: longer than 1048576 bytes; that is no configuration/,
      );
    });
  });

  describe('a refusal of the system:', () => {
    const lab = new Lab();
    let host: Host;
    beforeAll(async () => {
      host = await lab.host();
      await host.ip('tuntap add dev tun0 mode tun');
      await host.ip('link add veth0 type veth peer name veth1');
      await host.ip('link add bridge0 type bridge');
    });
    afterAll(() => lab.clear());

    test.each<[what: string, name: string, line: RegExp]>([
      ['a TUN device', 'tun0', /is a TUN device, .*; choose another name/],
      [
        'the loopback interface',
        'lo',
        /is another kind of interface, not a TAP .*; choose another/,
      ],
      [
        'a veth',
        'veth0',
        /is an interface of kind veth, not a TAP .*: nic:veth0@\S+ \(docs\/recipes\.md\)\n$/,
      ],
      [
        'a bridge',
        'bridge0',
        /is an interface of kind bridge, not a TAP .*; choose another name\n$/,
      ],
    ])('%s', async (_, name, line) => {
      expectOneLine(await run(switchCommand(`${name}@${host.netns}`)), REFUSED, line);
    });

    test('a namespace that does not exist', async () => {
      const finished = await run(switchCommand('tap0@nonexistent'));
      expectOneLine(
        finished,
        REFUSED,
        /tap0@nonexistent: there is no network namespace "nonexistent"/,
      );
    });

    describe('a namespace whose path is', () => {
      let folder: string;
      beforeAll(async () => {
        folder = mkdtempSync(join(tmpdir(), 'tapswitch-netns-'));
        await mustRun(['mkfifo', join(folder, 'fifo')]);
        symlinkSync(join(folder, 'nothing'), join(folder, 'dangling'));
        symlinkSync('/proc/self/ns/net', join(folder, 'link'));
        writeFileSync(join(folder, 'file'), '');
      });
      afterAll(() => rmSync(folder, { recursive: true }));

      test.each<[what: string, path: string, line: RegExp]>([
        ['a FIFO', 'fifo', /fifo is not a network namespace but a FIFO \(EINVAL\); "ip netns"/],
        ['a file', 'file', /file is not a network namespace but a regular file \(EINVAL\)/],
        ['a folder', '.', /is not a network namespace but a directory \(EINVAL\)/],
        ['a device', '/dev/null', /\/dev\/null is not a network namespace but a device/],
        [
          'a namespace of another kind',
          '/proc/self/ns/mnt',
          /ns\/mnt is not a network namespace but a namespace of another kind \(EINVAL\)/,
        ],
        ['a link that leads nowhere', 'dangling', /there is no network namespace .*ENOENT/],
        ['missing', 'missing', /there is no network namespace .*ENOENT/],
        ['behind a file', 'file/x', /cannot open the network namespace .*ENOTDIR\); "ip netns"/],
      ])('%s', async (_, path, line) => {
        const finished = await run(switchCommand(`tap0@${resolve(folder, path)}`));
        expectOneLine(finished, REFUSED, line);
      });

      test('a symbolic link to a namespace is accepted', async () => {
        const spec = `${INTERFACE}@${join(folder, 'link')}`;
        const running = await lab.startSwitchIn(host, '--control', 'none', spec);
        expect(running.portLabels).toEqual([spec]);
        await running.stop();
      });
    });

    test.each<[what: string, args: string, line: RegExp]>([
      [
        'an owner',
        'tap0@NETNS,owner=nonexistent',
        /tap0@\S+: owner: there is no user "nonexistent" .*; name one that exists, or its number/,
      ],
      [
        'a group',
        'tap0@NETNS,group=nonexistent',
        /tap0@\S+: group: there is no group "nonexistent" .*; name one that exists, or its number/,
      ],
      [
        'a user',
        '--user nonexistent',
        /--user: there is no user "nonexistent" .*; name one that exists, or its number/,
      ],
    ])('%s who does not exist, before anything is made', async (_, args, line) => {
      const words = `stays0@NETNS,persist ${args}`.replaceAll('NETNS', host.netns).split(' ');
      expectOneLine(await run(switchCommand(...words)), USAGE, line);
      expect(await host.ip('-br link show')).not.toContain('stays0');
    });

    test('a TAP that another program holds', async () => {
      const running = await lab.startSwitch(host.port());
      const finished = await run(switchCommand(host.label));
      const holder = `node \\(${running.process.pid}\\) \\(EBUSY\\)`;
      expectOneLine(finished, REFUSED, new RegExp(`is held by ${holder}; stop it or choose`));
      await running.stop();
    });

    test('a port that fails undoes the ports before it', async () => {
      await host.ip('tuntap add dev found0 mode tap');
      const names = ['before0', 'before1,persist', 'found0,persist', 'lo'].map((spec) =>
        spec.replace(/^\w+/, `$&@${host.netns}`),
      );
      const finished = await run(switchCommand(...names));
      expectOneLine(finished, REFUSED, /lo@\S+: is another kind of interface/);
      const links = await host.ip('-br link show');
      expect(links).not.toContain('before');
      expect(links).toContain('found0');
    });

    test.each([
      [
        'absent0@NETNS,existing',
        /absent0@\S+: there is no TAP of this name \(ENODEV\); make one: sudo ip -n \S+ tuntap add absent0 mode tap/,
      ],
      [
        'absent%d@NETNS,existing',
        /absent%d@\S+: existing: the kernel makes a new TAP of "absent%d"; give the name of one, or/,
      ],
    ])('a TAP that was to exist, %s, and makes none', async (spec, line) => {
      const words = [`before0@${host.netns}`, spec.replace('NETNS', host.netns)];
      expectOneLine(await run(switchCommand(...words)), REFUSED, line);
      expect(await host.ip('-br link show')).not.toMatch(/before|absent/);
    });

    test.each<[who: string, tunMode: string, line: RegExp]>([
      [
        'a TAP to be made by a plain user',
        '0666',
        /may not create a TAP, .*CAP_NET_ADMIN \(EPERM\); run with sudo, or have it made for you: sudo ip tuntap add/,
      ],
      [
        'a plain user who may not open /dev/net/tun',
        '0600',
        /may not open \/dev\/net\/tun, mode 0600 of root \(EACCES\); run with sudo/,
      ],
    ])('%s', async (_, tunMode, line) => {
      const finished = await host.run([...asPlainUser(tunMode), ...switchCommand(INTERFACE)]);
      expectOneLine(finished, REFUSED, line);
    });
  });
});
