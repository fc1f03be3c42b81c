/** tapctl with a running switch: its output and its exit status. */

import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { run } from './support/command';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

describeNetns('tapctl', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-tapctl-'));
  const control = join(folder, 'control.sock');
  const tapctl = new Tapctl(control);
  let hosts: [Host, Host];

  beforeAll(async () => {
    hosts = await lab.hosts(2);
    await lab.connect(hosts, '--control', control, '--address', '192.0.2.100/24');
    await hosts[0].reaches(hosts[1].ipv4);
  });
  afterAll(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const printed = async (line: string): Promise<string> => {
    const { status, stdout, stderr } = await tapctl.run(line);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };

  test('shows an overview of the bridge', async () => {
    const shown = await printed('show');
    expect(shown).toMatch(/^ts\S+ {2}[0-9a-f:]{17} {2}version \S+ {2}pid \d+ {2}up \d+ s\n/);
    expect(shown).toContain('fdb  2 of 65536 learned, 0 static, ageing 300 s\n');
    expect(shown).toContain('address  192.0.2.100  claimed\n');
    expect(shown).toMatch(/\nPORT +STATE +MTU +OFFLOAD +TRUSTED +ORIGIN\n/);
  });

  test('shows ports as a table without colours, which are for terminals', async () => {
    const [head, ...rows] = (await printed('port show')).trim().split('\n');
    expect(head).toMatch(/^PORT +STATE +MTU +OFFLOAD +TRUSTED +ORIGIN$/);
    expect(rows).toEqual(
      hosts.map(({ label }) =>
        expect.stringMatching(new RegExp(`^${label} +up +1500 +on +off +made$`)),
      ),
    );
    expect(await printed(`port show ${hosts[1].label}`)).toContain(hosts[1].label);
  });

  test('shows which ports inspection trusts', async () => {
    const [{ label }, other] = hosts;
    const trusted = async (): Promise<unknown[]> =>
      ((await tapctl.json('port show')) as { trusted: boolean }[]).map((port) => port.trusted);
    expect(await trusted()).toEqual([false, false]);
    expect(await printed(`port set ${label} trusted=on`)).toMatch(/ on +on +made$/m);
    expect(await trusted()).toEqual([true, false]);
    const config = (await tapctl.json('show --config')) as { ports: string[] };
    expect(config.ports).toEqual([
      expect.stringMatching(/,trusted=on$/),
      expect.not.stringContaining('trusted'),
    ]);
    expect(await printed('port show')).toMatch(new RegExp(`^${other.label} .* off +made$`, 'm'));
    await printed(`port set ${label} trusted=off`);
    expect(await trusted()).toEqual([false, false]);
  });

  test('shows which ports hear every request', async () => {
    const [{ label }, other] = hosts;
    expect(await printed(`port set ${label} neigh-suppress=off`)).toMatch(
      / NEIGH-SUPPRESS +ORIGIN\n.* off +made$/m,
    );
    const shown = (await tapctl.json('port show')) as { 'neigh-suppress': boolean }[];
    expect(shown.map((port) => port['neigh-suppress'])).toEqual([false, true]);
    const { ports } = (await tapctl.json('show --config')) as { ports: string[] };
    expect(ports).toEqual([
      expect.stringMatching(/,neigh-suppress=off$/),
      expect.not.stringContaining('neigh-suppress'),
    ]);
    expect(await printed(`port show ${other.label}`)).not.toContain('NEIGH-SUPPRESS');
    await printed(`port set ${label} neigh-suppress=on`);
    expect(await printed('port show')).not.toContain('NEIGH-SUPPRESS');
  });

  test('prints what the API returns', async () => {
    const { label, mac } = hosts[0];
    const entries = await tapctl.json(`fdb show dev ${label}`);
    expect(entries).toEqual([
      {
        mac,
        port: label,
        ifname: label,
        flags: [],
        master: expect.any(String),
        state: '',
        used: expect.any(Number),
        updated: expect.any(Number),
      },
    ]);
  });

  test('adds, shows and removes entries of the forwarding database', async () => {
    const { label } = hosts[1];
    expect(await printed(`fdb add 02:00:00:00:aa:02 dev ${label} sticky`)).toBe('');
    expect(await printed(`fdb show dev ${label}`)).toMatch(/02:00:00:00:aa:02 +\S+ +- +sticky /);
    const elsewhere = await tapctl.run(`fdb del 02:00:00:00:aa:02 dev ${hosts[0].label}`);
    expect(elsewhere).toMatchObject({
      status: 1,
      stderr: `tapctl: 02:00:00:00:aa:02 is behind ${label}, not behind ${hosts[0].label}\n`,
    });
    expect(await printed(`fdb del 02:00:00:00:aa:02 dev ${label}`)).toBe('');
    expect(await printed(`fdb flush dev ${label}`)).toBe('1 entries forgotten\n');
    expect(await hosts[0].reaches(hosts[1].ipv4)).toBe(true);
  });

  test('refuses an invalid name of a switch', async () => {
    const { status, stderr } = await run([
      process.execPath,
      join(__dirname, '../../dist/tapctl.js'),
      '--name',
      'a/b',
      'show',
    ]);
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr:
        'tapctl: --name: expected an interface name without "/", ":" and white space, got "a/b"\n',
    });
  });

  test('adds and removes addresses', async () => {
    expect(await printed('address add 192.0.2.102/24')).toBe('');
    expect(await printed('address show')).toMatch(/^192\.0\.2\.102 +(probing|claimed)$/m);
    expect(await printed('address del 192.0.2.102/24')).toBe('');
    expect(await printed('address show')).not.toContain('192.0.2.102');
  });

  test('shows every counter and every reason for a drop', async () => {
    const stats = await printed('stats');
    expect(stats).toMatch(/^rx-frames +\d+ +\d+ +\d+$/m);
    expect(stats).not.toContain('too-long');
    expect(await printed('stats --all')).toMatch(/^too-long +0 +0 +0$/m);
    expect(await printed(`stats ${hosts[0].label}`)).toMatch(/^rx-frames +\d+$/m);
  });

  test('shows the live view block after block if there is no terminal', async () => {
    const shown = await printed('top --count 2');
    const heads = shown.match(/^PORT +STATE +RX FRAMES\/S .*$/gm);
    expect(heads).toHaveLength(2);
    expect(shown).toMatch(new RegExp(`^${hosts[0].label} +up +\\d`, 'm'));
    expect(shown).not.toContain('\x1b');
  });

  test('shows a table for the name of the table alone', async () => {
    // The ages of two readings may differ, and the widths of columns with them.
    // The width of a column follows the ages.
    const withoutAges = (text: string): string => text.replace(/\d+ s ago| +/g, ' ');
    for (const table of ['fdb', 'neigh', 'port', 'address', 'vlan', 'mdb', 'mirror', 'stp']) {
      expect(withoutAges(await printed(table))).toBe(withoutAges(await printed(`${table} show`)));
    }
  });

  test('sets a port in the words of iproute2', async () => {
    const [{ label }] = hosts;
    await printed(`port set ${label} mtu 1400 isolated on`);
    expect(await tapctl.json(`port show ${label}`)).toMatchObject({ mtu: 1400, isolated: true });
    await printed(`port set ${label} mtu=1500 isolated off`);
    expect(await tapctl.json(`port show ${label}`)).toMatchObject({ mtu: 1500, isolated: false });
  });

  test('traces the path of a frame', async () => {
    const [{ label, mac }] = hosts;
    expect(await printed(`trace ${label} ff:ff:ff:ff:ff:ff ${mac} 88b5`)).toMatch(
      /^1\. 14 bytes come from .*\n2\. .*\n3\. it is a broadcast: to every other port\n4\. it leaves/,
    );
  });

  test('traces a request, and says why it is flooded', async () => {
    const [{ label }] = hosts;
    const asker = '02:00:00:00:aa:01';
    const packet = `0001 0800 06 04 0001 ${asker} c00002c8 000000000000 c00002c9`;
    const road = await printed(`trace ${label} ff:ff:ff:ff:ff:ff ${asker} 0806 ${packet}`);
    expect(road).toContain(
      '3. the request of 192.0.2.200 for 192.0.2.201 is flooded, asker-unknown: The asker is new ' +
        'here, or was forgotten: other hosts may have another MAC for it.\n',
    );
  });

  describe('ends with 2 and one line for', () => {
    test.each([
      ['a mistyped command', 'fbd show', "unknown command 'fbd'; did you mean fdb?"],
      ['a mistyped subcommand', 'fdb shwo', "unknown command 'shwo'; did you mean show?"],
      ['a group alone', 'tap', 'tapctl tap needs a command: add, del, list, show'],
      ['a mistyped word', 'fdb show dve tap0', 'dve: no such word; did you mean dev?'],
      ['a mistyped option', '--jsn show', "unknown option '--jsn'; did you mean --json?"],
      ['no port', 'fdb add 02:00:00:00:00:01', 'needs a port: fdb add MAC dev PORT'],
      ['an option twice', 'top --count 1 --count 2', '--count: given twice; give it once'],
      ['an option in two ways', 'capture -w a --write b', '--write: given twice; give it once'],
      ['too much', 'show me', /^too many arguments/],
      ['a wrong MAC', 'fdb add x dev tap0', /^mac: expected the MAC address of one station/],
      ['a wrong VLAN', 'fdb show vlan x', /^vlan: expected a whole number from 0 to 4094, got "x"/],
      ['a wrong frame', 'trace tap0 xyz', /^frame: expected the bytes of a frame/],
      ['a wrong interval', 'top --interval x', /^--interval: expected a whole number/],
      ['no prefix length', 'address del 192.0.2.100', /^address: .* with its prefix length/],
      ['a wrong address', 'address add 192.0.2.0/24', /^address: .* the address of the network$/],
    ])('%s', async (_, line, reason) => {
      const { status, stdout, stderr } = await tapctl.run(line);
      expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
      expect(stderr).toMatch(/^tapctl: [^\n]+\n$/);
      expect(stderr.replace(/^tapctl: /, '').trim()).toMatch(reason);
    });
  });

  describe('ends with 1 and one line where', () => {
    test('there is no such port', async () => {
      const { status, stderr } = await tapctl.run('port show tap9');
      expect(status).toBe(1);
      expect(stderr).toMatch(/^tapctl: no port tap9; the ports are: [^\n]+\n$/);
    });

    test('the address has another prefix length', async () => {
      const { status, stderr } = await tapctl.run('address del 192.0.2.100/25');
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'tapctl: 192.0.2.100/25 is no address of the switch; 192.0.2.100/24 is\n',
      });
    });

    test.each(['SIGTERM', 'SIGKILL'] as const)('the switch ends by %s', async (signal) => {
      const host = await lab.host();
      const socket = join(folder, `${signal}.sock`);
      const file = join(folder, `${signal}.pcapng`);
      const ending = await lab.startSwitch('--control', socket, host.port());
      const other = new Tapctl(socket);
      const captured = other.run(`capture -w ${file}`);
      const followed = lab.start(other.command('events'));
      await until(() => existsSync(file), 'the capture has begun');
      let mtu = 1_400;
      await until(async () => {
        await host.ip(`link set ${INTERFACE} mtu ${++mtu}`);
        return followed.stdout !== '';
      }, 'events come');
      await ending.stop(signal);
      expect(await captured).toMatchObject({
        status: 1,
        stderr: 'tapctl: the switch has ended; the output has all frames captured before\n',
      });
      expect(await followed.finished).toMatchObject({
        status: 1,
        stderr: 'tapctl: the switch has ended\n',
      });
    });

    test('the file of a capture has no room', async () => {
      const capture = tapctl.run('capture -w /dev/full');
      await hosts[0].floodPings(hosts[1].ipv4, 3);
      const { status, stderr } = await capture;
      expect({ status, stderr }).toEqual({
        status: 1,
        stderr: 'tapctl: /dev/full: no space left on device (ENOSPC); make room\n',
      });
    });

    test('no switch answers', async () => {
      const { status, stderr } = await new Tapctl(join(folder, 'none.sock')).run('show');
      expect(status).toBe(1);
      expect(stderr).toBe(
        `tapctl: no switch answers at ${join(folder, 'none.sock')} (ENOENT); ` +
          'start one, or say which with --name or --control\n',
      );
    });
  });
});
