/** A kernel that refuses offloads: no change is half applied. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { ControlClient } from './support/control-client';
import { type Host, INTERFACE, python } from './support/host';
import { Lab } from './support/lab';
import { type SwitchProcess, switchCommand } from './support/switch-process';
import { ipLink } from './support/tuntap';

const REFUSAL = expect.stringMatching(/^eth0@\S+: TUNSETOFFLOAD failed \(EPERM\)/);

describeNetns('an offload that the kernel refuses', () => {
  const lab = new Lab((...args) => [...python('without_offloads.py'), ...switchCommand(...args)]);
  const folder = mkdtempSync(join(tmpdir(), 'tapswitch-offload-'));
  const api = new ControlClient(join(folder, 'control.sock'));
  const file = join(folder, 'lab.yaml');
  let a: Host;
  let b: Host;
  let c: Host;
  let running: SwitchProcess;

  const configure = (...ports: string[]): void =>
    writeFileSync(file, JSON.stringify({ ports: ports.map((port) => `${port},offload=off`) }));
  const url = ({ label }: Host): string => `/v1/ports/${encodeURIComponent(label)}`;
  const device = async ({ netns }: Host) => {
    const { mtu, linkinfo } = await ipLink(netns, INTERFACE);
    return { mtu, ...linkinfo.info_data };
  };

  beforeEach(async () => {
    [a, b, c] = await lab.hosts(3);
    configure(a.port(), b.port());
    running = await lab.startSwitch('--control', api.path, '--config', file);
    await Promise.all([a.address(), b.address()]);
  });
  afterEach(() => lab.clear());
  afterAll(() => rmSync(folder, { recursive: true }));

  /** All visible state of the port. */
  const state = async () => ({
    config: (await api.get('/v1/config')).body,
    ports: (await api.get('/v1/ports')).body,
    devices: [await device(a), await device(b)],
    ofC: await c.ip('-br link show'),
  });

  async function expectUnchanged(before: unknown): Promise<void> {
    expect(await state()).toEqual(before);
    expect(await a.reaches(b.ipv4)).toBe(true);
    await running.stop();
    expect(await a.ip('-br link show')).not.toContain(INTERFACE);
  }

  test('leaves the port unchanged, other settings of the command included', async () => {
    const before = await state();
    const refused = await api.patch(url(a), { offload: true, mtu: 1400, persist: true });
    expect(refused).toMatchObject({ status: 409, body: { detail: REFUSAL } });
    await expectUnchanged(before);
  });

  test('undoes a whole reload, also at a port that should stay', async () => {
    const before = await state();
    const offloaded = `${a.port()},offload=on`;
    writeFileSync(
      file,
      JSON.stringify({
        ageing: 50,
        address: '192.0.2.100/24',
        ports: [`${c.port('persist')},offload=off`, `${b.port('mtu=1400')},offload=off`, offloaded],
      }),
    );
    const refused = await api.post('/v1/reload');
    expect(refused).toMatchObject({ status: 409, body: { detail: REFUSAL } });
    await expectUnchanged(before);
  });
});
