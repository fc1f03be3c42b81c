/** Changes of ARP, Neighbor Discovery and inspection by a reload, while frames flow. */

import { afterEach, beforeEach, expect, test } from '@jest/globals';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeNetns } from './describe-netns';
import { arp } from './support/arp';
import { ControlClient } from './support/control-client';
import type { Host } from './support/host';
import { whoHears } from './support/hearers';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';

const announcement = ({ ipv4, mac }: Host): string =>
  arp({ from: mac, senderIp: ipv4, targetIp: ipv4 });

const request = (asker: Host, { ipv4 }: Host): string =>
  arp({ from: asker.mac, senderIp: asker.ipv4, targetIp: ipv4 });

describeNetns('a reload', () => {
  const lab = new Lab();
  let folder: string;
  let file: string;
  let tapctl: Tapctl;
  let api: ControlClient;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'tapswitch-reload-'));
    file = join(folder, 'br0.yaml');
    api = new ControlClient(join(folder, 'control.sock'));
    tapctl = new Tapctl(api.path);
  });
  afterEach(async () => {
    await lab.clear();
    rmSync(folder, { recursive: true });
  });

  const configure = (...lines: string[]): void => writeFileSync(file, lines.join('\n'));

  const start = () => lab.startSwitch('--control', api.path, '--config', file);

  /** Two hosts that ping each other throughout, and three quiet hosts. */
  async function meet() {
    const talking = await lab.hosts(2);
    const quiet = await lab.hosts(3, { isQuiet: true });
    const portsLine = (...trusted: Host[]): string =>
      `ports: [${[...talking, ...quiet]
        .map((host) => `"${host.port(...(trusted.includes(host) ? ['trusted'] : []))}"`)
        .join(', ')}]`;
    return { talking, quiet, portsLine };
  }

  test('changes bindings and trusted ports, and loses no frame', async () => {
    const { talking, quiet, portsLine } = await meet();
    const [asker, owner, other] = quiet;
    const heard = () => whoHears(asker, quiet, request(asker, owner));
    configure('arp: off', portsLine());
    await start();
    await Promise.all(talking.map((host) => host.address()));
    const flood = await talking[0].floodPing(talking[1].ipv4);
    await owner.send(announcement(owner));
    await asker.send(announcement(asker));
    expect(await heard()).toMatchObject({ by: [owner, other], answers: [] });

    const reload = async (...lines: string[]) => {
      configure(...lines);
      expect((await api.post('/v1/reload')).status).toBe(200);
    };
    await reload('arp: direct', portsLine());
    expect(await heard()).toMatchObject({ by: [owner], answers: [] });
    await reload('arp: answer', 'neigh-lifetime: 30', portsLine());
    // Quiet hosts answer no poll.
    await owner.send(announcement(owner));
    await asker.send(announcement(asker));
    expect(await heard()).toMatchObject({ by: [], answers: [expect.any(String)] });

    // Inspection begins. Bindings learned before do not count, and every claim is denied.
    await reload('inspect: on', portsLine(...talking, asker));
    expect(await heard()).toMatchObject({ by: [owner, other], answers: [] });
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([]);
    await reload('inspect: on', portsLine(...talking, asker, owner));
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([asker, other]);
    expect((await heard()).by).toEqual([]);
    await reload('inspect: on', portsLine(...talking, asker));
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([]);
    await reload(portsLine());
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([asker, other]);

    const { sent, received } = await flood.stop();
    expect(sent).toBeGreaterThan(0);
    expect(received).toBe(sent);
  });

  test('makes the static bindings of the file, and shows them as a file', async () => {
    const { quiet, portsLine } = await meet();
    const [asker, owner, other] = quiet;
    const bound = `${owner.ipv4} lladdr ${owner.mac} dev ${owner.label}`;
    const anywhere = `2001:db8::77 lladdr ${other.mac}`;
    const shown = async (): Promise<unknown> => {
      const { body } = await api.get('/v1/config');
      return (body as { readonly neigh: unknown }).neigh;
    };
    configure('inspect: on', `neigh: ["${bound}", "${anywhere}"]`, portsLine());
    await start();
    expect(await shown()).toEqual([bound, anywhere]);
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([asker, other]);
    expect((await whoHears(other, quiet, announcement(other))).by).toEqual([]);
    expect(await tapctl.json('reload')).toEqual({ added: [], removed: [], changed: [] });

    const moved = `${owner.ipv4} lladdr ${owner.mac} dev ${other.label}`;
    configure('inspect: on', `neigh: ${moved}`, portsLine());
    expect((await api.post('/v1/reload')).status).toBe(200);
    expect(await shown()).toEqual([moved]);
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([]);

    // Bindings made by hand are shown, too. A binding ends with its port.
    await tapctl.run(`neigh add ${asker.ipv4} lladdr ${asker.mac} dev ${asker.label}`);
    const byHand = `${asker.ipv4} lladdr ${asker.mac} dev ${asker.label}`;
    expect(await shown()).toEqual([moved, byHand]);
    await tapctl.run(`port del ${asker.label}`);
    expect(await shown()).toEqual([moved]);
    await tapctl.run(`neigh del ${owner.ipv4}`);
    expect(await shown()).toEqual([]);
  });

  test('that cannot be applied as a whole leaves the bindings as they were', async () => {
    const { quiet, portsLine } = await meet();
    const [asker, owner] = quiet;
    const bound = `${owner.ipv4} lladdr ${owner.mac}`;
    configure(`neigh: ${bound}`, portsLine());
    await start();
    const before = await api.get('/v1/config');
    const many = Array.from({ length: 1025 }, (_, index) => {
      const address = `198.18.${index >> 8}.${index & 255}`;
      return `"${address} lladdr ${asker.mac}"`;
    });
    configure(`neigh: [${many.join(', ')}]`, portsLine());
    expect(await api.post('/v1/reload')).toMatchObject({
      status: 400,
      body: {
        detail: `${file}:1: neigh[1024]: 1024 static bindings of a family at most, got 1025; leave some out`,
      },
    });
    configure(`neigh: ${owner.ipv4} lladdr ${owner.mac} dev tap9`, portsLine());
    expect(await api.post('/v1/reload')).toMatchObject({
      status: 400,
      body: { detail: expect.stringMatching(/^--neigh: 192\.0\.2\.\d+: no port tap9; the ports/) },
    });
    expect((await api.get('/v1/config')).body).toEqual(before.body);
  });

  test('of other options is refused in one line, and changes nothing', async () => {
    const { quiet, portsLine } = await meet();
    const [asker, owner, other] = quiet;
    configure('inspect: on', 'address: 192.0.2.254/24', portsLine(owner));
    await start();
    configure('inspect: off', 'address: 192.0.2.254/25', portsLine());
    expect(await tapctl.run('reload')).toMatchObject({
      status: 1,
      stderr:
        'tapctl: address: 192.0.2.254/24 cannot become /25 while the switch has it; ' +
        'remove it, reload, and add it again\n',
    });
    configure('inspect: off', 'address: 192.0.2.254/24', 'neigh-max: 100', portsLine());
    const refused = await tapctl.run('reload');
    expect(refused).toMatchObject({
      status: 1,
      stderr: 'tapctl: neigh-max: cannot change while the switch runs; restart it\n',
    });
    expect((await whoHears(other, quiet, announcement(other))).by).toEqual([]);
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([asker, other]);
  });

  test('and tapctl port set change which ports inspection trusts', async () => {
    const { quiet, portsLine } = await meet();
    const [asker, owner, other] = quiet;
    configure('inspect: on', portsLine());
    await start();
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([]);
    await tapctl.run(`port set ${owner.label} trusted=on`);
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([asker, other]);
    expect((await tapctl.run('show --config')).stdout).toContain(`${owner.port()},trusted=on`);
    await tapctl.run(`port set ${owner.label} trusted=off`);
    expect((await whoHears(owner, quiet, announcement(owner))).by).toEqual([]);
  });
});
