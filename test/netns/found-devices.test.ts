/** TAPs of others: the switch refuses one that is held, and leaves any other as it found it. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { openTap } from '../../src/index';
import { type Background, run } from './support/command';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { lastWords } from './support/ready-program';
import { switchCommand } from './support/switch-process';
import { type IpLink, ipLink } from './support/tuntap';
import { until } from './support/until';

const NO_OFFLOADS = { checksum: false, segmentation: false };

describeNetns('a TAP that was there before', () => {
  const lab = new Lab();
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-found-'));
  const api = new ControlClient(join(folder, 'control.sock'));
  const file = join(folder, 'lab.yaml');
  let host: Host;
  let other: Host;

  beforeEach(async () => {
    [host, other] = await lab.hosts(2, { isQuiet: true });
  });
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  const url = ({ label }: Host): string => `/v1/ports/${encodeURIComponent(label)}`;
  const hold = (...more: string[]): Promise<Background> =>
    host.startReady('hold_tap.py', INTERFACE, 'multi_queue', ...more);
  const heldBy = ({ pid }: Background): RegExp =>
    new RegExp(
      `^\\S*${host.label}: is held by python3 \\(${pid}\\) \\(EBUSY\\); stop it or choose`,
    );

  const offloads = async (): Promise<unknown> =>
    JSON.parse(await host.mustRun(python('tap_offloads.py', INTERFACE)));

  /** Fields of the TAP that a switch may change. */
  async function state(): Promise<Partial<IpLink>> {
    const { flags, mtu, address, linkinfo } = await ipLink(host.netns, INTERFACE);
    const lasting = flags.filter((flag) => flag === 'UP');
    return { flags: lasting, mtu, ...(address !== undefined && { address }), linkinfo };
  }

  describe('and is held as one of many queues', () => {
    test('is refused when the switch starts, with the name of its holder', async () => {
      const holder = await hold();
      const { status, stderr } = await run(switchCommand('--control', 'none', host.label));
      expect(status).toBe(1);
      expect(stderr.replace('switch: ', '')).toMatch(heldBy(holder));
      expect(stderr.trimEnd().split('\n')).toHaveLength(1);
    });

    test('is refused as a further port, and as a device of a program', async () => {
      const holder = await hold();
      await lab.startSwitch('--control', api.path, other.port());
      const refused = await api.post('/v1/ports', { name: INTERFACE, netns: host.netns });
      expect(refused).toMatchObject({
        status: 409,
        body: { detail: expect.stringMatching(heldBy(holder)) },
      });
      expect(() => openTap({ name: INTERFACE, netns: host.netns })).toThrow(heldBy(holder));
      const { linkinfo } = await ipLink(host.netns, INTERFACE);
      expect(linkinfo.info_data).toMatchObject({ numqueues: 1, vnet_hdr: false });
    });

    test('is not joined in another framing by a program that wants one more queue', async () => {
      await hold();
      const place = { name: INTERFACE, netns: host.netns, multiQueue: true };
      expect(() => openTap({ ...place, offload: true })).toThrow(/held.*vnet header.*\(EINVAL\)/);
      expect(() => openTap({ ...place, packetInfo: true })).toThrow(
        /held without packet.*\(EINVAL\)/,
      );
      const joined = openTap(place);
      expect(joined.hasVnetHeader).toBe(false);
      joined.close();
      await host.ip(`link set ${INTERFACE} up`);
    });

    test('does not replace a port that is gone before its holder releases it', async () => {
      const running = await lab.startSwitch('--control', api.path, host.label, other.port());
      await host.ip(`link del ${INTERFACE}`);
      await running.logged('port is gone', host.label);
      const holder = await hold('persist');
      const queues = async (): Promise<unknown> =>
        (await ipLink(host.netns, INTERFACE)).linkinfo.info_data['numqueues'];
      // The switch tries several times.
      for (let time = 0; time < 100; time++) expect(await queues()).toBe(1);
      await holder.stop();
      await running.logged('port is back', host.label);
      await until(async () => (await queues()) === 1, 'the switch has attached to it');
    });
  });

  test('is attached to, and not made, if it must exist', async () => {
    await host.ip(`tuntap add ${INTERFACE} mode tap`);
    const running = await lab.startSwitch(
      ...['--control', api.path, `${host.label},existing`, other.label],
    );
    const shown = (await api.get('/v1/ports')).body as { port: string; origin: string }[];
    expect(shown.map(({ port, origin }) => [port, origin])).toEqual([
      [host.label, 'attached'],
      [other.label, 'made'],
    ]);
    const events = (await running.stop()).stderr
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { port?: string; message: string })
      .filter(({ message }) => /made|attached/.test(message))
      .map(({ port, message }) => [port, message]);
    expect(events).toEqual([
      [host.label, 'port attached to an existing device'],
      [other.label, 'port made'],
    ]);
  });

  describe('is left as it was found', () => {
    /** Commands that make the TAP, and settings of its port. */
    const FOUND: readonly [what: string, make: readonly string[], port: readonly string[]][] = [
      ['as ip tuntap makes it', [`tuntap add ${INTERFACE} mode tap`], []],
      [
        'up, with a vnet header',
        [`tuntap add ${INTERFACE} mode tap vnet_hdr`, `link set ${INTERFACE} up`],
        [],
      ],
      ['with packet information', [`tuntap add ${INTERFACE} mode tap pi`], []],
      ['with many queues', [`tuntap add ${INTERFACE} mode tap multi_queue`], []],
      [
        'with settings that the port overrides',
        [`tuntap add ${INTERFACE} mode tap`, `link set ${INTERFACE} mtu 1400`],
        ['mac=02:00:00:00:77:01', 'mtu=2000'],
      ],
    ];
    const make = async (commands: readonly string[]): Promise<void> => {
      for (const command of commands) await host.ip(command);
    };

    test.each(FOUND)('by a switch that stops: %s', async (_, commands, settings) => {
      await make(commands);
      const before = await state();
      const running = await lab.startSwitch([host.label, ...settings].join(','));
      expect(await state()).toMatchObject({
        flags: ['UP'],
        linkinfo: { info_data: { pi: false, vnet_hdr: true } },
      });
      await running.stop();
      expect(await state()).toEqual(before);
      expect(await offloads()).toEqual({ ...NO_OFFLOADS, headerBytes: 10 });
    });

    test('by a port that is removed, and by one that a reload removes', async () => {
      await make([`tuntap add ${INTERFACE} mode tap`]);
      const before = await state();
      const configure = (...ports: string[]): void =>
        writeFileSync(file, JSON.stringify({ ports }));
      configure(other.port());
      await lab.startSwitch('--control', api.path, '--config', file);
      await api.post('/v1/ports', { name: INTERFACE, netns: host.netns, mtu: 2000 });
      expect(await state()).toMatchObject({ mtu: 2000, flags: ['UP'] });
      await api.delete(url(host));
      expect(await state()).toEqual(before);
      configure(other.port(), `${host.label},mtu=2000`);
      expect((await api.post('/v1/reload')).status).toBe(200);
      configure(other.port());
      expect((await api.post('/v1/reload')).status).toBe(200);
      expect(await state()).toEqual(before);
      expect(await offloads()).toMatchObject(NO_OFFLOADS);
    });

    test('by a start that fails, and by a reload that is taken back', async () => {
      await make([`tuntap add ${INTERFACE} mode tap`]);
      const before = await state();
      const settings = `${host.label},mtu=2000,mac=02:00:00:00:77:01`;
      const { status } = await run(
        switchCommand('--control', 'none', settings, `lo@${host.netns}`),
      );
      expect(status).toBe(1);
      expect(await state()).toEqual(before);
      writeFileSync(file, JSON.stringify({ ports: [other.port()] }));
      await lab.startSwitch('--control', api.path, '--config', file);
      const ports = [other.port(), settings, `lo@${host.netns}`];
      writeFileSync(file, JSON.stringify({ ports }));
      expect((await api.post('/v1/reload')).status).toBe(409);
      expect(await state()).toEqual(before);
      expect(await offloads()).toMatchObject(NO_OFFLOADS);
    });

    test('except for settings that others have changed since', async () => {
      await make([`tuntap add ${INTERFACE} mode tap`]);
      const running = await lab.startSwitch(`${host.label},mtu=2000`);
      await host.ip(`link set ${INTERFACE} mtu 1600`);
      await running.logged('MTU changed', host.label);
      await running.stop();
      expect(await state()).toMatchObject({ mtu: 1600, flags: [] });
    });

    test('by a program that opens it with offloads', async () => {
      await make([`tuntap add ${INTERFACE} mode tap`]);
      const before = await state();
      const place = { name: INTERFACE, netns: host.netns };
      openTap({ ...place, offload: true, sendBufferBytes: 4096 }).close();
      expect(await state()).toEqual(before);
      expect(await offloads()).toEqual({ ...NO_OFFLOADS, headerBytes: 10 });
    });
  });

  describe('with offloads and a header that another reader has left behind', () => {
    const leave = async (): Promise<void> => {
      await host.ip(`tuntap add ${INTERFACE} mode tap`);
      await host.mustRun(python('set_tap.py', INTERFACE));
    };

    test('keeps the length of the header, and no offloads', async () => {
      await leave();
      expect(await offloads()).toEqual({ checksum: true, segmentation: true, headerBytes: 12 });
      const running = await lab.startSwitch(host.label);
      await running.stop();
      expect(await offloads()).toEqual({ ...NO_OFFLOADS, headerBytes: 12 });
    });

    test('is cleaned up by the next switch if a switch was killed', async () => {
      await leave();
      const killed = await lab.startSwitch('--control', 'none', host.label);
      await killed.stop('SIGKILL');
      const next = await lab.startSwitch('--control', 'none', host.label);
      await next.stop();
      expect(await offloads()).toMatchObject(NO_OFFLOADS);
    });
  });

  test.each(['found', 'made to persist'])(
    'gives a plain reader whole checksums: %s',
    async (how) => {
      const isFound = how === 'found';
      if (isFound) await host.ip(`tuntap add ${INTERFACE} mode tap`);
      const running = await lab.startSwitch(isFound ? host.label : `${host.label},persist`);
      await host.ip(`link set ${INTERFACE} up`);
      await running.stop();
      await host.ip(`link set ${INTERFACE} up`);
      await host.ip(`address add 192.0.2.1/24 dev ${INTERFACE}`);
      await host.ip(`neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev ${INTERFACE}`);
      const reader = await host.startReady('plain_reader.py', INTERFACE);
      await host.mustRun(['bash', '-c', 'echo tapswitch > /dev/udp/192.0.2.9/9']);
      expect(await lastWords(reader)).toBe('complete');
    },
  );
});
