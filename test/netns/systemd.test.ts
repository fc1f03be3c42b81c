/**
 * The service under a running systemd, in a container: its sandbox must allow all that the switch does. The root of the
 * container is that of this machine, in memory, with a network of its own.
 */

import { existsSync, mkdtempSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { Background, type Finished, run } from './support/command';
import { until } from './support/until';

const CLONE = join(__dirname, '../..');
const NSPAWN = join(CLONE, 'build/systemd-nspawn');

/** Bits of capabilities(7). */
const [CAP_NET_ADMIN, CAP_NET_RAW, CAP_BPF] = [1n << 12n, 1n << 13n, 1n << 39n];

const UNIT = 'tapswitch@lab';

/** Systemd in a container, from its boot to its end. */
class Container {
  private readonly nspawn: Background;
  private readonly folder = mkdtempSync(join(tmpdir(), 'tapswitch-systemd-'));
  private init = 0;

  constructor() {
    // Without a systemd on this machine there is nobody who could make a unit for the container.
    const options = existsSync('/run/systemd/system') ? [] : ['--keep-unit'];
    const script = join(__dirname, 'support/booted-systemd.sh');
    const space = ['unshare', '--mount', '--propagation', 'private'];
    this.nspawn = new Background([...space, 'sh', script, this.folder, NSPAWN, CLONE, ...options]);
  }

  async booted(): Promise<void> {
    const { pid } = this.nspawn;
    await until(
      async () => {
        const [child = ''] = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ');
        this.init = Number(child);
        if (readFileSync(`/proc/${pid}/comm`, 'utf8') !== 'systemd-nspawn\n' || this.init === 0) {
          return false;
        }
        return /^(running|degraded)/.test(
          (await this.run('systemctl', 'is-system-running')).stdout,
        );
      },
      () => `systemd has booted: ${this.nspawn.stderr}${this.nspawn.stdout}`,
      60_000,
    );
  }

  run(...command: readonly string[]): Promise<Finished> {
    const spaces = ['--mount', '--uts', '--ipc', '--net', '--pid', '--cgroup'];
    return run(['nsenter', '--target', String(this.init), ...spaces, '--', ...command]);
  }

  async mustRun(...command: readonly string[]): Promise<string> {
    const { status, stdout, stderr } = await this.run(...command);
    if (status !== 0) throw new Error(`${command.join(' ')}: ${stderr}\n${await this.log()}`);
    return stdout;
  }

  log = async (): Promise<string> =>
    (await this.run('journalctl', '--no-pager', '--output=cat', '--unit', UNIT)).stdout;

  tapctl = (...words: readonly string[]): Promise<string> =>
    this.mustRun(process.execPath, '/opt/tapswitch/dist/tapctl.js', '--name', 'lab', ...words);

  /** A property of the unit, as systemd shows it. */
  property = async (name: string): Promise<string> =>
    (await this.mustRun('systemctl', 'show', '--value', '--property', name, UNIT)).trim();

  configure = (yaml: string): Promise<string> =>
    this.mustRun('sh', '-c', `mkdir -p /etc/tapswitch; echo '${yaml}' > /etc/tapswitch/lab.yaml`);

  async end(): Promise<void> {
    await this.nspawn.end();
    rmdirSync(this.folder);
  }
}

(existsSync(NSPAWN) ? describeNetns : describe.skip)('the service under systemd', () => {
  let systemd: Container;
  beforeAll(async () => {
    systemd = new Container();
    await systemd.booted();
    await systemd.tapctl('service', 'install');
  }, 120_000);
  afterAll(() => systemd.end(), 60_000);

  const ports = async () =>
    JSON.parse(await systemd.tapctl('port', '--json')) as { port: string; fast: boolean }[];
  const labels = async (): Promise<string[]> => (await ports()).map(({ port }) => port);

  test('starts, reloads, restarts and stops, as a plain user with its TAPs and interfaces', async () => {
    for (const [near, far] of [
      ['va', 'vb'],
      ['vc', 'vd'],
    ] as const) {
      await systemd.mustRun('ip', 'link', 'add', near, 'type', 'veth', 'peer', 'name', far);
      for (const end of [near, far]) await systemd.mustRun('ip', 'link', 'set', end, 'up');
    }
    await systemd.configure('ports: [tapa, "nic:va", "nic:vc"]\naddress: 192.0.2.1/24');
    await systemd.mustRun('systemctl', 'start', UNIT);
    expect(await labels()).toEqual(['tapa', 'nic:va', 'nic:vc']);
    expect(await systemd.log()).toMatch(/^ready lab tapa nic:va nic:vc$/m);
    await until(async () => (await ports()).filter(({ fast }) => fast).length === 2, systemd.log);

    const main = await systemd.property('MainPID');
    const status = await systemd.mustRun('cat', `/proc/${main}/status`);
    expect(status).not.toMatch(/^Uid:.*\b0\b/m);
    const [, effective = ''] = /^CapEff:\s+(\w+)$/m.exec(status) ?? [];
    expect(BigInt(`0x${effective}`)).toBe(CAP_NET_ADMIN | CAP_NET_RAW | CAP_BPF);
    expect(status).toMatch(/^NoNewPrivs:\s1$[^]*^Seccomp:\s2$/m);

    await systemd.configure('ports: [tapa, tapb, "nic:va"]');
    await systemd.mustRun('systemctl', 'reload', UNIT);
    await until(async () => (await labels()).join() === 'tapa,nic:va,tapb', systemd.log);
    expect(await systemd.property('MainPID')).toBe(main);

    await systemd.mustRun('systemctl', 'kill', '--signal=KILL', UNIT);
    await until(async () => (await systemd.property('NRestarts')) === '1', systemd.log);
    await until(async () => (await systemd.property('ActiveState')) === 'active', systemd.log);
    expect(await labels()).toEqual(['tapa', 'tapb', 'nic:va']);

    await systemd.mustRun('systemctl', 'stop', UNIT);
    expect(await systemd.property('Result')).toBe('success');
    expect(await systemd.mustRun('ip', '-br', 'link')).not.toContain('tapa');
  }, 120_000);

  test('makes ports in network namespaces with the drop-in of its head', async () => {
    const unit = '/etc/systemd/system/tapswitch@.service';
    const dropIn = (await systemd.mustRun('sed', '-n', 's/^#   //p', unit)).replaceAll('\n', '\\n');
    await systemd.mustRun(
      'sh',
      '-c',
      `mkdir ${unit}.d; printf '${dropIn}' > ${unit}.d/spaces.conf`,
    );
    await systemd.mustRun('systemctl', 'daemon-reload');
    await systemd.mustRun('ip', 'netns', 'add', 'red');
    await systemd.configure('ports: [tap0@red, "veth:eth0@red"]');
    await systemd.mustRun('systemctl', 'start', UNIT);
    expect(await labels()).toEqual(['tap0@red', 'veth:eth0@red']);
    await systemd.mustRun('systemctl', 'stop', UNIT);
  }, 60_000);

  test('does not start again after a mistake in its file', async () => {
    await systemd.configure('prts: [tapa]');
    expect((await systemd.run('systemctl', 'start', UNIT)).status).toBe(1);
    expect(await systemd.property('ExecMainStatus')).toBe('2');
    expect(await systemd.property('ActiveState')).toBe('failed');
    expect(await systemd.log()).toContain('lab.yaml:1: prts: no such option; did you mean ports?');
  }, 60_000);
});
