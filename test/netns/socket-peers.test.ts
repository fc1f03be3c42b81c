/** Other programs as the peers of sockets, a switch that is a plain user, and reloads. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { type Command, run } from './support/command';
import { ControlClient } from './support/control-client';
import { macOf, marker } from './support/frame';
import type { Host } from './support/host';
import { Lab } from './support/lab';
import { StreamPeer } from './support/stream-peer';
import { until } from './support/until';

const NOBODY = 65_534;

/** Command line of a program on a terminal of its own, which stays open until socat ends. */
const onTerminal = (command: string): Command => [
  ...['socat', '-,ignoreeof', `EXEC:"${command}",pty,ctty,setsid`],
];

describeNetns('the peer of a socket', () => {
  const lab = new Lab();
  const folders: string[] = [];
  afterEach(async () => {
    await lab.clear();
    for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
  });

  const makeFolder = (): string => {
    const folder = mkdtempSync(join(tmpdir(), 'tapswitch-peers-'));
    folders.push(folder);
    return folder;
  };
  /** A namespace with a loopback interface. */
  const makeNamespace = async (): Promise<Host> => {
    const namespace = await lab.host();
    await namespace.ip('link set lo up');
    return namespace;
  };
  const untilState = async (control: string, label: string, state: string): Promise<void> => {
    const api = new ControlClient(control);
    const url = `/v1/ports/${encodeURIComponent(label)}`;
    const now = async () => ((await api.get(url)).body as { state: string }).state;
    await until(async () => (await now()) === state, `${label} is ${state}`);
    await api.get('/v1/stats');
  };

  test('may be VPCS: pings through UDP', async () => {
    const namespace = await makeNamespace();
    const [, host] = [namespace, await lab.host()];
    await lab.startSwitchIn(namespace, 'dgram:127.0.0.1:10000,peer=127.0.0.1:10001', host.port());
    await host.address();
    const folder = makeFolder();
    writeFileSync(join(folder, 'startup.vpc'), `ip 192.0.2.200/24\nping ${host.ipv4} -c 2\n`);
    const vpcs = namespace.start(
      onTerminal(`vpcs -i 1 -s 10001 -c 10000 -t 127.0.0.1 ${join(folder, 'startup.vpc')}`),
    );
    await until(
      () => /icmp_seq=2 ttl=64 time=/.test(vpcs.stdout),
      () => `VPCS is answered: ${vpcs.stdout} ${vpcs.stderr}`,
    );
    expect(await host.reaches('192.0.2.200')).toBe(true);
  });

  test('may be vde_plug: hosts on a vde_switch', async () => {
    const folder = makeFolder();
    const at = (name: string): string => join(folder, name);
    const [near, far] = await lab.hosts(2);
    await lab.startSwitch(`stream:${at('socket')},prefix=2`, near.port());
    await near.address();
    await far.ip(`tuntap add eth0 mode tap`);
    await far.ip(`link set eth0 address ${far.mac}`);
    await far.address();
    const vde = far.start(onTerminal(`vde_switch -s ${at('vde')} -t eth0`));
    await until(
      async () => (await run(['test', '-S', at('vde/ctl')])).status === 0,
      () => `vde_switch listens: ${vde.stderr}`,
    );
    await far.ip('link set eth0 up');
    lab.start(['dpipe', 'vde_plug', at('vde'), '=', 'socat', '-', `UNIX-CONNECT:${at('socket')}`]);
    await until(() => near.reaches(far.ipv4), 'the host behind vde_switch is reached');
    expect((await near.floodPings(far.ipv4, 50)).received).toBe(50);
  });

  test('may be another switch, over TCP in a network, which the log warns of', async () => {
    const [left, right] = [await lab.host(), await lab.host()];
    const [a, b] = await lab.hosts(2);
    await left.ip(`link add wire type veth peer name wire netns ${right.netns}`);
    for (const [end, address] of [
      [left, '198.51.100.1/24'],
      [right, '198.51.100.2/24'],
    ] as const) {
      await end.ip('link set wire up');
      await end.ip(`address add ${address} dev wire`);
    }
    const listening = await lab.startSwitchIn(left, 'stream:198.51.100.1:5555', a.port());
    expect(listening.log).toContainEqual(
      expect.objectContaining({
        level: 'warn',
        message: expect.stringContaining('listens for other machines'),
      }),
    );
    await lab.startSwitchIn(right, 'stream:198.51.100.1:5555,connect', b.port());
    await Promise.all([a.address(), b.address()]);
    await until(() => a.reaches(b.ipv4), 'the host behind the other switch is reached');
    expect((await a.floodPings(b.ipv4, 200, 1_400)).received).toBe(200);
  });

  test('of a switch with --user is a program of that user, also after the start', async () => {
    const folder = makeFolder();
    const at = (name: string): string => join(folder, name);
    const control = at('control');
    await run(['chown', String(NOBODY), folder]);
    await lab.startSwitch(
      ...['--control', control, '--user', 'nobody'],
      ...[`stream:${at('a')}`, `stream:${at('b')},connect`],
    );
    // socat joins the two ports: the switch connects to it, and it connects to the switch.
    const socat = lab.start([
      ...['setpriv', `--reuid=${NOBODY}`, `--regid=${NOBODY}`, '--clear-groups'],
      ...['socat', `UNIX-LISTEN:${at('b')},unlink-close=1`, `UNIX-CONNECT:${at('a')}`],
    ]);
    await untilState(control, `stream:${at('a')}`, 'up');
    await untilState(control, `stream:${at('b')}`, 'up');
    await socat.stop();
    await untilState(control, `stream:${at('a')}`, 'down');
    const api = new ControlClient(control);
    expect((await api.post('/v1/ports', `stream:${at('c')}`)).status).toBe(201);
    const peers = [await StreamPeer.connect(at('c')), await StreamPeer.connect(at('a'))] as const;
    await untilState(control, `stream:${at('c')}`, 'up');
    await untilState(control, `stream:${at('a')}`, 'up');
    const end = marker(macOf(1), 1);
    peers[0].send(end);
    expect(await peers[1].before(end)).toEqual([]);
    for (const peer of peers) peer.end();
  });

  test('a reload reports it only if its keys can change', async () => {
    const folder = makeFolder();
    const at = (name: string): string => join(folder, name);
    const control = at('control');
    const file = at('config.yaml');
    const write = (...ports: string[]): void =>
      writeFileSync(file, `ports:\n${ports.map((port) => `  - ${port}\n`).join('')}`);
    write(`stream:${at('a')},max=2`, `stream:${at('b')}`);
    await lab.startSwitch('--control', control, '--config', file);
    const api = new ControlClient(control);
    const b = await StreamPeer.connect(at('b'));
    const guest = await StreamPeer.connect(at('a'));
    await untilState(control, `stream:${at('a')}#1`, 'up');
    await untilState(control, `stream:${at('b')}`, 'up');
    write(`stream:${at('a')},max=3,mtu=9000`, `stream:${at('b')}`);
    expect((await api.post('/v1/reload')).body).toEqual({
      added: [`stream:${at('a')}#3`],
      removed: [],
      changed: [`stream:${at('a')}#1`, `stream:${at('a')}#2`],
    });
    write(`stream:${at('a')},max=3,mtu=9000`, `stream:${at('b')},connect`);
    const refused = await api.post('/v1/reload');
    expect(refused.status).toBe(409);
    expect(refused.text).toContain(`stream:${at('b')}: connect: cannot change while it is open`);
    const end = marker(macOf(1), 1);
    guest.send(end);
    expect(await b.before(end)).toEqual([]);
    for (const peer of [b, guest]) peer.end();
  });
});
