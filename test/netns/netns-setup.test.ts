/** scripts/netns-setup.sh, in both orders. It makes the namespaces red, green and blue. */

import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Finished, mustRun, run } from './support/command';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { asPlainUser } from './support/plain-user';
import { until } from './support/until';

const SCRIPT = join(__dirname, '../../scripts/netns-setup.sh');
const LAB_HOSTS = ['red', 'green', 'blue'] as const;

const NOTHING = 'red: no namespace\ngreen: no namespace\nblue: no namespace\n';

/** Every host pings every other one, by IPv4 and IPv6. @returns the pings that got no answer. */
async function failingPings(): Promise<string[]> {
  const failing: string[] = [];
  for (const from of LAB_HOSTS) {
    for (const number of [1, 2, 3]) {
      for (const target of [`198.51.100.${number}`, `2001:db8::${number}`]) {
        const ping = ['ping', '-n', '-q', '-c', '1', '-W', '1', target];
        const { status } = await run(['ip', 'netns', 'exec', from, ...ping]);
        if (status !== 0) failing.push(`${from} to ${target}`);
      }
    }
  }
  return failing;
}

describeNetns('netns-setup.sh', () => {
  const lab = new Lab();
  /** Namespace of the user: the script and the switch run there. */
  let desk: Host;
  let isOurs = false;

  const script = (...args: string[]): Promise<Finished> => desk.run([SCRIPT, ...args]);
  const mustScript = (...args: string[]): Promise<string> => desk.mustRun([SCRIPT, ...args]);

  beforeEach(async () => {
    desk = await lab.host();
    const { stdout } = await script('status');
    // The test must not remove a lab that is in use.
    if (stdout !== NOTHING) throw new Error(`somebody uses these namespaces:\n${stdout}`);
    isOurs = true;
  });
  afterEach(async () => {
    if (isOurs) await script('down');
    await lab.clear();
  });

  test('before the switch: makes TAPs that the switch attaches to', async () => {
    await mustScript('up');
    const before = await mustScript('status');
    expect(before).toMatch(/^red: tap0, no switch, 198\.51\.100\.1\/24 2001:db8::1\/64$/m);
    const running = await lab.startSwitch('tap0@red', 'tap0@green', 'tap0@blue');
    expect(await failingPings()).toEqual([]);
    expect((await mustScript('status')).match(/switch attached/g)).toHaveLength(3);
    await running.stop();
    expect(await mustScript('status')).toMatch(/^blue: tap0, no switch/m);
  });

  test('after the switch: moves its TAPs, and gives them back', async () => {
    const running = await lab.startSwitchIn(desk, 'tap0', 'tap1', 'tap2');
    await mustScript('up');
    expect(await mustScript('status')).toMatch(
      /^green: tap1, switch attached, 198\.51\.100\.2\/24/m,
    );
    await until(async () => (await failingPings()).length === 0, 'every host answers');
    await mustScript('down');
    expect((await script('status')).stdout).toBe(NOTHING);
    expect((await running.tables()).ports.map(({ PORT }) => PORT)).toEqual([
      'tap0',
      'tap1',
      'tap2',
    ]);
    await mustScript('up');
    await until(async () => (await failingPings()).length === 0, 'every host answers again');
  });

  test('with veth pairs: for a switch that takes the near ends, or makes the pairs', async () => {
    await mustScript('up', 'veth');
    expect(await mustScript('status')).toMatch(
      /^red: eth0, no switch, 198\.51\.100\.1\/24 2001:db8::1\/64 /m,
    );
    const running = await lab.startSwitchIn(desk, 'nic:red0', 'nic:green0', 'nic:blue0');
    expect(await failingPings()).toEqual([]);
    expect((await mustScript('status')).match(/switch attached/g)).toHaveLength(3);
    expect((await script('up')).stderr).toMatch(
      /^netns-setup: red has a veth pair; remove it first: \S+netns-setup\.sh down\n$/,
    );
    await running.stop();
    for (const host of LAB_HOSTS) await desk.ip(`link del ${host}0`);
    const maker = await lab.startSwitchIn(desk, ...LAB_HOSTS.map((host) => `veth:eth0@${host}`));
    await mustScript('up', 'veth');
    expect(await failingPings()).toEqual([]);
    await maker.stop();
    await mustScript('down');
    expect((await script('status')).stdout).toBe(NOTHING);
    await mustScript('up');
    expect((await script('up', 'veth')).stderr).toMatch(
      /^netns-setup: red has a TAP; remove it first: \S+netns-setup\.sh down\n$/,
    );
  });

  test('finishes what is half done, and does nothing twice', async () => {
    await mustScript('up');
    const once = await mustScript('status');
    await mustScript('up');
    expect(await mustScript('status')).toBe(once);
    await mustRun(['ip', '-n', 'green', 'link', 'delete', 'tap0']);
    await mustRun(['ip', '-n', 'red', 'address', 'flush', 'dev', 'tap0']);
    expect(await script('status')).toMatchObject({ status: 1 });
    await mustScript('up');
    expect(await mustScript('status')).toBe(once);
  });

  test('leaves nothing behind', async () => {
    await mustScript('up');
    await mustScript('down');
    expect(await script('status')).toMatchObject({ status: 1, stdout: NOTHING });
    expect(await script('down')).toMatchObject({ status: 0, stderr: '' });
    expect(await desk.ip('link show type tun')).toBe('');
  });

  test('does not change a namespace that it has not made', async () => {
    await mustRun(['ip', 'netns', 'add', 'green']);
    try {
      const { status, stderr } = await script('up');
      expect(stderr).toBe(
        'netns-setup: namespace green was not made by this script; rename or delete it first\n',
      );
      expect(status).toBe(1);
      expect(await script('down')).toMatchObject({ status: 1 });
      expect(await mustRun(['ip', 'netns', 'list'])).toMatch(/^green$/m);
    } finally {
      await mustRun(['ip', 'netns', 'delete', 'green']);
    }
  });

  test.each<[what: string, args: string[], complaint: string]>([
    ['no command', [], 'netns-setup: expected one of up, up veth, down, status; got ""\n'],
    [
      'a wrong command',
      ['upp'],
      'netns-setup: expected one of up, up veth, down, status; got "upp"\n',
    ],
    [
      'too much',
      ['up', 'red'],
      'netns-setup: expected one of up, up veth, down, status; got "up red"\n',
    ],
  ])('refuses %s', async (_, args, complaint) => {
    expect(await script(...args)).toMatchObject({ status: 2, stdout: '', stderr: complaint });
  });

  test('says that it needs root', async () => {
    const finished = await desk.run([...asPlainUser('0666'), 'sh', SCRIPT, 'up']);
    expect(finished).toMatchObject({
      status: 1,
      stderr: `netns-setup: network namespaces need root; run: sudo ${SCRIPT} up\n`,
    });
  });
});
