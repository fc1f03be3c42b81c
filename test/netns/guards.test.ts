/**
 * Storm limits, port security and mirrors on real TAPs, set while the switch runs. The cases are in
 * `unit/l2/storm`, `unit/l2/port-security` and `unit/l2/mirror`.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, expect, test } from '@jest/globals';
import { describeNetns } from './describe-netns';
import { BROADCAST, frame, macOf, marker } from './support/frame';
import { whoHears } from './support/hearers';
import { INTERFACE } from './support/host';
import { Lab } from './support/lab';
import { Tapctl } from './support/tapctl';
import { until } from './support/until';

const STRANGER = macOf(0x777777);

const folder = mkdtempSync(join(tmpdir(), 'tapswitch-guards-'));
const control = join(folder, 'control.sock');
const tapctl = new Tapctl(control);
afterAll(() => rmSync(folder, { recursive: true }));

async function apply(words: string): Promise<void> {
  expect(await tapctl.run(words)).toMatchObject({ status: 0, stderr: '' });
}

interface Stats {
  readonly ports: readonly { readonly drops: Readonly<Record<string, number>> }[];
}

interface PortRow {
  readonly state: string;
  readonly problem?: string;
  readonly shut: boolean;
}

describeNetns('guards of a port', () => {
  const lab = new Lab();
  afterEach(() => lab.clear());

  test('limit storms, count stations and shut a port, and a mirror copies what it gives', async () => {
    const [a, b, c] = await lab.hosts(3, { isQuiet: true });
    const mirror = `m1 from ${a.label} in filter ether proto 0x88b5 to ${c.label}`;
    const ports = [a.port('storm-broadcast=5'), b.port(), c.port()];
    await lab.startSwitch('--control', control, '--mirror', mirror, ...ports);
    const drops = async (reason: string): Promise<number> => {
      const { ports: rows } = (await tapctl.json(`stats ${a.label}`)) as Stats;
      return rows[0]?.drops[reason] ?? 0;
    };

    // The target of the mirror gets what the port gives the switch, limited or not, and nothing else.
    const hello = frame({ to: BROADCAST, from: a.mac });
    const last = frame({ to: STRANGER, from: a.mac });
    const [atB, atC] = await Promise.all([b.capture(), c.capture()]);
    await b.send(marker(b.mac, 1));
    await a.send(`${hello} 400`, last);
    expect(await atC.before(last)).toEqual(Array<string>(400).fill(hello));
    const passed = (await atB.before(last)).length;
    expect(passed).toBeGreaterThanOrEqual(5);
    expect(passed + (await drops('storm-broadcast'))).toBe(400);
    const [shown] = (await tapctl.json('mirror show')) as { name: string; copies: number }[];
    expect(shown).toMatchObject({ name: 'm1', to: c.label, copies: 401, lost: 0 });
    expect(await tapctl.run(`mirror add m1 from ${c.label} to ${c.label}`)).toMatchObject({
      status: 2,
      stderr: `tapctl: m1: to: ${c.label} is among the ports that it mirrors; give another port\n`,
    });
    expect(await tapctl.run(`mirror add m1 from ${b.label} to ${c.label}`)).toMatchObject({
      status: 1,
      stderr: 'tapctl: mirror: m1: exists; replace it, or remove it first\n',
    });
    expect(
      await tapctl.run(`mirror replace m1 from ${b.label} sideways to ${c.label}`),
    ).toMatchObject({
      status: 2,
      stderr: `tapctl: expected in, out or both behind ${b.label}, got "sideways"\n`,
    });
    await apply(`mirror replace m1 from ${b.label} out to ${c.label}`);
    expect(await tapctl.json('mirror show')).toMatchObject([
      { name: 'm1', from: [b.label], direction: 'out', copies: 0 },
    ]);
    await apply('mirror del m1');

    // A second station shuts the port, until somebody opens it; its interface going down and up does not.
    await apply(`port set ${a.label} storm-broadcast=off macs=1 violation=shutdown`);
    await a.send(frame({ to: BROADCAST, from: STRANGER }));
    const port = async (): Promise<PortRow> =>
      (await tapctl.json(`port show ${a.label}`)) as PortRow;
    await until(async () => (await port()).shut, 'the port is shut');
    await a.ip(`link set ${INTERFACE} down`);
    await a.ip(`link set ${INTERFACE} up`);
    expect(await port()).toMatchObject({
      state: 'down',
      problem: `shut by port security, because ${STRANGER} sent; open it with shut=off`,
    });
    const [whileShut, whileOpen] = [marker(b.mac, 2), marker(b.mac, 3)];
    const [atA, atOther] = await Promise.all([a.capture(), c.capture()]);
    await b.send(whileShut);
    await atOther.before(whileShut);
    await apply(`port set ${a.label} shut=off macs=off`);
    await b.send(whileOpen);
    expect(await atA.before(whileOpen)).toEqual([]);
    expect((await whoHears(a, [a, b, c], hello)).by).toEqual([b, c]);
  });
});
