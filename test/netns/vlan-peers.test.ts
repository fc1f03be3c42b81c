/**
 * VLANs beside Open vSwitch with its userspace datapath: the same frames into the same ports of both, and a trunk
 * between the two.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from '@jest/globals';
import { formatVlanList } from '../../src/config/values/vlan-list';
import { type OvsPort, type Row, canSay, membersOf, ovs, taggedHex } from '../support/vlan-matrix';
import { describeNetns } from './describe-netns';
import { type Host, python } from './support/host';
import { Lab } from './support/lab';
import { OpenVswitch, hasOpenVswitch } from './support/open-vswitch';

const describePeers = hasOpenVswitch ? describeNetns : describe.skip;

const lab = new Lab();
let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tapswitch-peers-'));
});
afterEach(async () => {
  await lab.clear();
  rmSync(folder, { recursive: true });
});

/** Settings of a port of Open vSwitch. */
function ovsSettings({ mode, tag, trunks }: OvsPort): string[] {
  return [
    `vlan_mode=${mode}`,
    ...(tag === undefined ? [] : [`tag=${tag}`]),
    ...(trunks === undefined ? [] : [`trunks=${trunks.join(',')}`]),
  ];
}

describePeers('the rows of the VLAN matrix on real TAPs', () => {
  const PAYLOAD_DIGITS = 2 * 46;
  const ports = Object.entries(ovs.ports).filter(([, { mode }]) => mode !== 'dot1q-tunnel');
  const names = ports.map(([name]) => name);
  const rows = ovs.rows.filter(canSay);

  /** A frame of a row. Each has a payload and a source of its own. */
  const frameOf = (index: number, tags: Row['tags']): string => {
    const number = index.toString(16).padStart(4, '0');
    return taggedHex(`02000000${number}`, tags, number.padEnd(PAYLOAD_DIGITS, '0'));
  };

  type Sent = [port: string, frame: string];
  const sentOf = (row: Row, index: number): Sent => [row.ingress, frameOf(index, row.tags)];
  const leavingOf = (row: Row, index: number): Sent[] =>
    row.egress
      .filter(({ port }) => names.includes(port))
      .map(({ port, tags }): Sent => [
        port,
        frameOf(
          index,
          tags.filter(({ vid }) => vid !== 0),
        ),
      ]);

  /** Rows of which something leaves, one for each ingress port, under new numbers. */
  const lastRows = names.flatMap((name, offset) => {
    const row = rows.find((known) => known.ingress === name && leavingOf(known, 0).length > 0);
    return row === undefined ? [] : [{ row, index: rows.length + offset }];
  });

  /** @returns the number of the row → the frames that left, with their ports */
  async function play(room: Host): Promise<Map<number, Sent[]>> {
    const input = JSON.stringify({
      sent: rows.map(sentOf),
      last: lastRows.map(({ row, index }) => sentOf(row, index)),
      awaited: lastRows.flatMap(({ row, index }) => leavingOf(row, index)),
    });
    const left = JSON.parse(
      await room.mustRun(python('play_rows.py', ...names), { input }),
    ) as Sent[];
    const byRow = new Map<number, Sent[]>();
    for (const sent of left) {
      const index = parseInt(sent[1].slice(20, 24), 16);
      byRow.set(index, [...(byRow.get(index) ?? []), sent].sort());
    }
    return byRow;
  }

  test('leave the switch and Open vSwitch with the same bytes', async () => {
    const [ours, theirs] = await lab.hosts(2, { isQuiet: true });
    await lab.startSwitch(
      '--vlan-filtering',
      ...ports.map(
        ([name, port]) => `${name}@${ours.netns},vlans=${formatVlanList(membersOf(port))}`,
      ),
    );
    const vswitch = await OpenVswitch.start(theirs, folder);
    await vswitch.addBridge('br0');
    for (const [name, port] of ports) {
      const tap = ['--', 'set', 'interface', name, 'type=tap'];
      await vswitch.set('add-port', 'br0', name, ...ovsSettings(port), ...tap);
      await theirs.ip(`link set ${name} up`);
    }
    const [own, other] = [await play(ours), await play(theirs)];
    expect(lastRows).toHaveLength(names.length);
    for (const [index, row] of rows.entries()) {
      const want = { row: index, left: leavingOf(row, index).sort() };
      expect({ row: index, left: own.get(index) ?? [] }).toEqual(want);
      expect({ row: index, left: other.get(index) ?? [] }).toEqual(want);
    }
  });
});
