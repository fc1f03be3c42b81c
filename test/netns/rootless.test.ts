/** A switch of a user that is not root, and tapctl beside it, without options. */

import { chownSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { createTap } from '../../src';
import { describeNetns } from './describe-netns';
import type { Command, Finished } from './support/command';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { asPlainUser } from './support/plain-user';
import { SwitchProcess, switchCommand } from './support/switch-process';
import { until } from './support/until';

const TAPCTL = join(__dirname, '../../dist/tapctl.js');
/** A command changed by `asPlainUser`. */
const USER = 65534;
const OPEN_TO_ALL = '666';
const NAME = 'tsw-rootless';
/** A machine on which nobody has made the system's folder yet. */
const OWN_RUN = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs -o mode=755 none /run && exec "$@"',
  'sh',
];
/** Root in a user namespace, with a network namespace: user_namespaces(7). */
const UNSHARED = ['unshare', '--user', '--map-root-user', '--net'];

describeNetns('without root', () => {
  const lab = new Lab();
  let host: Host;
  let runtime: string;
  let socket: string;
  beforeEach(async () => {
    host = await lab.host();
    runtime = mkdtempSync(join(tmpdir(), 'tapswitch-runtime-'));
    chownSync(runtime, USER, USER);
    socket = join(runtime, 'tapswitch', `${NAME}.sock`);
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(runtime, { recursive: true });
  });

  const asUser = (...command: string[]): Command => [...asPlainUser(OPEN_TO_ALL), ...command];
  const tapctl = (...args: string[]): Command => [
    process.execPath,
    TAPCTL,
    '--name',
    NAME,
    ...args,
  ];
  /** Starts a switch with the host's TAP. @param more words in front of the port */
  const start = async (prefix: Command, ...more: string[]): Promise<SwitchProcess> => {
    const env = { XDG_RUNTIME_DIR: runtime };
    const command = [...prefix, ...switchCommand('--name', NAME, ...more, INTERFACE)];
    return SwitchProcess.start(host.start(command, { env }));
  };
  const ask = (prefix: Command, command: Command): Promise<Finished> =>
    host.run([...prefix, ...command], { env: { XDG_RUNTIME_DIR: runtime } });

  function ownTap(): void {
    createTap({ name: INTERFACE, netns: host.netns, user: USER });
  }

  test('the owner of a TAP has a switch, and tapctl finds it', async () => {
    ownTap();
    await host.ip(`link set ${INTERFACE} up`);
    const running = await start(asUser());
    const { uid, mode } = statSync(socket);
    expect([uid, mode & 0o777]).toEqual([USER, 0o660]);
    const shown = await ask(asUser(), tapctl('show'));
    expect(shown).toMatchObject({ status: 0, stderr: '' });
    expect(shown.stdout).toContain(INTERFACE);
    expect((await running.stop()).status).toBe(0);
    expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
  });

  test('the root of a user namespace makes TAPs, and tapctl finds the switch from outside', async () => {
    const running = await start([...asUser(), ...UNSHARED]);
    expect(running.portLabels).toEqual([INTERFACE]);
    const added = await ask(asUser(), tapctl('port', 'add', 'tap%d'));
    expect(added).toMatchObject({ status: 0, stderr: '' });
    const ports = await ask([...asUser(), ...UNSHARED], tapctl('--json', 'port', 'show'));
    expect(ports.stdout).toContain('"tap0"');
  });

  test.each([
    ['a name for', '-u', 'XDG_RUNTIME_DIR'],
    ['', 'XDG_RUNTIME_DIR=/run/user/of-nobody'],
  ])(
    'a user without %s a runtime folder gets a warning with the cure, and a switch',
    async (_, ...environment) => {
      ownTap();
      await host.ip(`link set ${INTERFACE} up`);
      const command = ['env', ...environment, ...switchCommand('--name', NAME, INTERFACE)];
      const running = await SwitchProcess.start(host.start([...OWN_RUN, ...asUser(...command)]));
      const complaint = await until(
        () => running.log.find(({ message }) => message.startsWith('no control')),
        () => `a complaint: ${running.process.stderr}`,
      );
      expect(complaint.message).toBe(
        'no control: may not write to /run/tapswitch (EACCES); ' +
          'set XDG_RUNTIME_DIR to a folder of yours, or give a --control',
      );
    },
  );

  test('a switch that is root stays in the system folder', async () => {
    const running = await start([]);
    expect(statSync(`/run/tapswitch/${NAME}.sock`).isSocket()).toBe(true);
    expect(statSync(socket, { throwIfNoEntry: false })).toBeUndefined();
    await running.stop();
  });

  test('tapctl asks neither of two switches that have one name', async () => {
    ownTap();
    await host.ip(`link set ${INTERFACE} up`);
    const own = await start(asUser());
    const another = await lab.host();
    const env = { XDG_RUNTIME_DIR: runtime };
    await SwitchProcess.start(another.start(switchCommand('--name', NAME, INTERFACE), { env }));
    const refused = await ask([], tapctl('fdb', 'flush'));
    expect(refused.status).toBe(1);
    expect(refused.stderr).toBe(
      `tapctl: two switches have this name, at /run/tapswitch/${NAME}.sock and ${socket}; ` +
        'say which with --control\n',
    );
    // The user may not open the socket of root's switch, so only one answers.
    expect((await ask(asUser(), tapctl('show'))).stderr).toBe('');
    await own.stop();
  });

  test('tapctl names the paths that it has tried', async () => {
    mkdirSync(join(runtime, 'tapswitch'));
    const { status, stderr } = await ask([], tapctl('show'));
    expect(status).toBe(1);
    expect(stderr).toBe(
      `tapctl: no switch answers at /run/tapswitch/${NAME}.sock or ${socket} (ENOENT); ` +
        'start one, or say which with --name or --control\n',
    );
  });
});
