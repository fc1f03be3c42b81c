/** A port keeps its configured name, whatever its guest calls the interface. */

import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { describeNetns } from './describe-netns';
import { type Command, run } from './support/command';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { switchCommand } from './support/switch-process';
import { Tapctl } from './support/tapctl';
import { ipLink } from './support/tuntap';
import { until } from './support/until';

/** A name that clears the screen, reverses the text, and hides it. */
const HOSTILE = '\x1b[2J\u202e\u200b';
const SHOWN = '\\u001b[2J\\u202e\\u200b';

/** A switch that logs for people. */
const textSwitch = (...args: string[]): Command =>
  switchCommand(...args.map((arg) => (arg === 'json' ? 'text' : arg)));

interface PortBody {
  readonly port: string;
  readonly kernelName: string;
  readonly state: string;
  readonly trusted: boolean;
}

describeNetns('a port', () => {
  const lab = new Lab(textSwitch);
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-names-'));
  const api = new ControlClient(join(folder, 'control.sock'));
  const tapctl = new Tapctl(api.path);
  const file = join(folder, 'lab.yaml');
  let machine: Host;
  let guest: Host;

  beforeEach(async () => {
    [machine, guest] = await lab.hosts(2, { isQuiet: true });
  });
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  const detail = ({ body }: { body: unknown }): string => (body as { detail: string }).detail;
  const ports = async (): Promise<PortBody[]> => (await api.get('/v1/ports')).body as PortBody[];
  const start = (...args: string[]) => lab.startSwitchIn(machine, '--control', api.path, ...args);

  /** The guest gets `tap2` and renames it. */
  async function rename(to: string): Promise<void> {
    await machine.ip(`link set tap2 netns ${guest.netns}`);
    await guest.ip(`link set tap2 name ${to}`);
    await until(
      async () => {
        const shown = (await ports()).find(({ port }) => port === 'tap2');
        return shown?.kernelName === to;
      },
      `the interface is called ${JSON.stringify(to)}`,
    );
  }

  test('is not mistaken for another port whose name its guest uses', async () => {
    const running = await start('tap1', 'tap2');
    await rename('tap1');
    expect(await ports()).toMatchObject([
      { port: 'tap1', kernelName: 'tap1' },
      { port: 'tap2', kernelName: 'tap1' },
    ]);
    expect((await tapctl.run('port set tap1 trusted=on')).status).toBe(0);
    expect((await ports()).map(({ trusted }) => trusted)).toEqual([true, false]);
    expect((await tapctl.run('port show')).stdout.split('\n').slice(0, 3)).toEqual([
      expect.stringMatching(/^PORT +STATE .*TRUSTED +ORIGIN +KERNEL-NAME$/),
      expect.stringMatching(/^tap1 .*on +made +tap1$/),
      expect.stringMatching(/^tap2 .*off +made +tap1$/),
    ]);
    expect(running.process.stderr).toContain('interface renamed {"port":"tap2","to":"tap1"}');
    const series = (await api.get('/metrics')).text
      .split('\n')
      .filter((line) => !line.startsWith('#') && line.includes('port='))
      .map((line) => line.replace(/ \S+$/, ''));
    expect(new Set(series).size).toBe(series.length);
    for (const port of ['tap1', 'tap2']) {
      expect(series).toContainEqual(expect.stringContaining(`tapswitch_port_up{bridge=`));
      expect(series.filter((one) => one.includes(`port="${port}"`)).length).toBe(series.length / 2);
    }
  });

  test("is found by its own name only, and the message explains the guest's name", async () => {
    await start('tap1', 'tap2');
    await rename('uplink');
    const refused = await api.patch('/v1/ports/uplink', { trusted: true });
    expect(refused.status).toBe(404);
    expect(detail(refused)).toBe(
      'no port uplink; the ports are: tap1, tap2; the interface of tap2 is called so now',
    );
    for (const line of ['fdb show dev', 'fdb flush dev', 'neigh show dev', 'stats', 'port del']) {
      expect(await tapctl.run(`${line} uplink`)).toMatchObject({
        status: 1,
        stderr: `tapctl: ${detail(refused)}\n`,
      });
      expect((await tapctl.run(`${line} tap2`)).status).toBe(0);
    }
  });

  test('keeps its name in fdb, events and captures, and in a reload', async () => {
    writeFileSync(file, 'ports: [tap1, tap2]\n');
    await start('--config', file);
    const name = 'x,trusted';
    await rename(name);
    expect((await tapctl.run('fdb add 02:00:00:00:00:42 dev tap2')).status).toBe(0);
    expect((await api.get('/v1/fdb')).body).toMatchObject([{ ifname: 'tap2' }]);
    const { stdout } = await tapctl.run('show --config');
    expect((parse(stdout) as { ports: unknown }).ports).toEqual(['tap1', 'tap2']);
    expect((await api.post('/v1/reload')).body).toEqual({ added: [], removed: [], changed: [] });
    expect((await ports()).map(({ port }) => port)).toEqual(['tap1', 'tap2']);
  });

  test("that was deleted is found again by its own name, not by the guest's", async () => {
    await start('tap1', 'tap2');
    await machine.ip('tuntap add dev other mode tap');
    await rename('other');
    await guest.ip('link delete other');
    await until(async () => (await ports())[1]?.state === 'gone', 'the port is gone');
    await machine.ip('tuntap add dev tap2 mode tap');
    await until(async () => (await ports())[1]?.state !== 'gone', 'the port is back');
    expect((await ports())[1]).toMatchObject({ port: 'tap2', kernelName: 'tap2' });
    expect((await ipLink(machine.netns, 'other')).flags).not.toContain('UP');
  });

  test('whose interface has a hostile name sends no control sequences to a terminal', async () => {
    const running = await start('tap1', 'tap2');
    await rename(HOSTILE);
    const printed = [running.process.stderr];
    for (const line of ['show', 'port show', 'stats', 'top --interval 1 --count 1', 'fdb show']) {
      const { stdout, stderr } = await tapctl.run(line);
      printed.push(stdout, stderr);
    }
    const { stderr } = await tapctl.run(`port del ${HOSTILE}x`);
    expect(stderr).toMatch(/^tapctl: no port /);
    printed.push(stderr);
    await running.tables();
    printed.push(running.process.stderr);
    expect(printed.join('')).toContain(SHOWN);
    for (const text of printed) expect(text).toBe(text.replace(/[^\P{C}\n]/gu, ''));
  });

  test('that was configured with a hostile name is shown, saved and scraped unchanged', async () => {
    const name = `${HOSTILE}"\\`;
    const running = await start(`${name},mac=02:00:00:00:00:01`, 'off');
    const [shown] = await ports();
    expect(shown?.port).toBe(name);
    expect(running.process.stdout).toContain(`${SHOWN}"\\ off\n`);
    const { stdout } = await tapctl.run('show --config');
    for (const version of ['1.1', '1.2'] as const) {
      expect(parse(stdout, { version })).toMatchObject({
        ports: [`${name},mac=02:00:00:00:00:01`, 'off'],
      });
    }
    for (const line of ['show', 'port show', 'stats', 'show --config', '--json port show']) {
      const { stdout: text } = await tapctl.run(line);
      expect(text).toBe(text.replace(/[^\P{C}\n]/gu, ''));
    }
    expect((await api.get('/metrics')).text).toContain(`port="${HOSTILE}\\"\\\\"`);
  });

  test('cannot be added twice, by any name of its namespace', async () => {
    await machine.ip(`tuntap add dev ${INTERFACE} mode tap multi_queue`);
    const link = join(folder, 'red');
    symlinkSync(`/run/netns/${machine.netns}`, link);
    const others = [`/run/netns/${machine.netns}`, link].map((path) => `${INTERFACE}@${path}`);
    for (const other of others) {
      expect(await run(switchCommand('--control', 'none', machine.label, other))).toMatchObject({
        status: 2,
        stderr: `switch: ${machine.label} and ${other} are the same interface; give it once\n`,
      });
    }
    writeFileSync(file, `ports: ["${machine.label}"]\n`);
    await lab.startSwitch('--control', api.path, '--config', file);
    for (const other of others) {
      const refused = await api.post('/v1/ports', other);
      expect(refused.status).toBe(409);
      expect(detail(refused)).toBe(
        `${other}: is the interface of ${machine.label}, which is a port of this switch already`,
      );
      writeFileSync(file, `ports: ["${machine.label}", "${other}"]\n`);
      expect(detail(await api.post('/v1/reload'))).toContain(
        'are the same interface; give it once',
      );
    }
    expect((await ports()).map(({ port }) => port)).toEqual([machine.label]);
    rmSync(link);
  });

  test('cannot take the configured name of another one', async () => {
    await start('tap0', 'tap2');
    await machine.ip('link set tap0 down');
    await machine.ip('link set tap0 name elsewhere');
    await until(async () => (await ports())[0]?.kernelName === 'elsewhere', 'the new name');
    for (const [spec, reason] of [
      ['tap0', 'tap0 is a port of this switch already'],
      ['tap%d', 'tap%d: the kernel chose tap0, and tap0 is a port of this switch already'],
    ] as const) {
      const refused = await api.post('/v1/ports', spec);
      expect(refused.status).toBe(409);
      expect(detail(refused)).toBe(
        `${reason}, whose interface is called elsewhere now; give another name`,
      );
    }
    expect(await machine.ip('link show')).not.toContain('tap0');
    expect((await ports()).map(({ port }) => port)).toEqual(['tap0', 'tap2']);
  });

  test('from a pattern keeps its number in a reload that names another port by its number', async () => {
    writeFileSync(file, 'ports: ["tap%d", "tap%d"]\n');
    await start('--config', file);
    expect((await ports()).map(({ port }) => port)).toEqual(['tap0', 'tap1']);
    writeFileSync(file, 'ports: ["tap%d", tap0]\n');
    expect((await api.post('/v1/reload')).body).toEqual({ added: [], removed: [], changed: [] });
  });

  test('gets no owner unless the switch has made its interface', async () => {
    const reason =
      'owner= and group= are for a TAP that the switch makes; this one was there before: ' +
      'leave them out, or remove it first';
    await machine.ip(`tuntap add dev ${INTERFACE} mode tap user 65533`);
    await machine.ip('tuntap add dev tap3 mode tap');
    writeFileSync(file, `ports: ["${machine.label}"]\n`);
    const attempt = await run(
      switchCommand('--control', 'none', `${machine.label},mtu=1400,owner=65532`),
    );
    expect(attempt).toMatchObject({ status: 1, stderr: `switch: ${machine.label}: ${reason}\n` });
    await lab.startSwitch('--control', api.path, '--config', file);
    const url = `/v1/ports/${encodeURIComponent(machine.label)}`;
    for (const refused of [
      await api.patch(url, { mtu: 1400, owner: 65532 }),
      await api.patch(url, { mtu: 1400, group: 65532 }),
      await api.post('/v1/ports', `tap3@${machine.netns},mtu=1400,owner=65532`),
    ]) {
      expect(refused.status).toBe(409);
      expect(detail(refused)).toContain(reason);
    }
    writeFileSync(file, `ports: ["${machine.label},mtu=1400,owner=65532"]\n`);
    expect(detail(await api.post('/v1/reload'))).toBe(`${machine.label}: ${reason}`);
    for (const device of [INTERFACE, 'tap3']) {
      expect((await ipLink(machine.netns, device)).mtu).toBe(1500);
    }
    const { linkinfo } = await ipLink(machine.netns, INTERFACE);
    expect(linkinfo.info_data).toMatchObject({ user: 65533 });
    expect(linkinfo.info_data).not.toHaveProperty('group');
    // An interface that an earlier run made persistent already has the owner.
    await machine.ip('tuntap add dev tap4 mode tap user 65533');
    const same = await api.post('/v1/ports', `tap4@${machine.netns},owner=65533`);
    expect(same.status).toBe(201);
  });
});
