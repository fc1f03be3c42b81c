/** A hostile host behind port 0 that floods BPDUs, and honest ones behind ports 1 and 2. */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from '@jest/globals';
import type { BridgePortSettings } from '../../../src/l2/port-table';
import { ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

const path = join(__dirname, '../../conformance/bpdus.json');
const { rows } = JSON.parse(readFileSync(path, 'utf8')) as {
  readonly rows: readonly { readonly name: string; readonly hex: string }[];
};
const FLOOD = 20_000;

/** A switch with RSTP whose ports 1 and 2 are edges. */
function labOf(settings: Partial<BridgePortSettings> = {}): MemorySwitch {
  const sw = new MemorySwitch(3);
  sw.bridge.configure({ stp: 'rstp' });
  for (const port of [1, 2]) sw.bridge.configurePort(port, { stpEdge: 'on' });
  sw.bridge.configurePort(0, settings);
  sw.io.advance(10_000);
  sw.take();
  return sw;
}

function bpdu(name: string): Uint8Array {
  const hex = rows.find((row) => row.name === name)?.hex;
  if (hex === undefined) throw new Error(`no frame ${name}`);
  return Buffer.from(hex, 'hex');
}

/** Floods BPDUs, a thousand a second. @returns frames that went from port 1 to port 2 and to port 0 meanwhile */
function flood(sw: MemorySwitch, names: readonly string[]): { toPeer: number; bpdus: number } {
  const all = names.map(bpdu);
  sw.send(2, ethernet({ to: station(1), from: station(2) }));
  const frame = ethernet({ to: station(2), from: station(1) });
  let toPeer = 0;
  let bpdus = 0;
  for (let count = 0; count < FLOOD; count++) {
    sw.port(0).send(all[count % all.length] as Uint8Array);
    sw.port(1).send(frame);
    if (count % 100 === 0) sw.io.advance(100);
    const [atHost = [], atFirst = [], atPeer = []] = sw.take();
    const isBpdu = (hex: string): boolean => hex.startsWith('0180c2');
    toPeer += atPeer.filter((hex) => !isBpdu(hex)).length;
    bpdus += [...atHost, ...atFirst, ...atPeer].filter(isBpdu).length;
  }
  return { toPeer, bpdus };
}

test.each<[string, Partial<BridgePortSettings>]>([
  ['no guard', {}],
  ['root-guard', { rootGuard: true }],
  ['bpdu-guard', { bpduGuard: true }],
  ['bpdu-filter', { bpduFilter: true }],
])('a flood of BPDUs costs others nothing with %s', (_, settings) => {
  const sw = labOf(settings);
  const { toPeer, bpdus } = flood(sw, ['config', 'tcn', 'rst']);
  expect(toPeer).toBe(FLOOD);
  // A port sends at most six BPDUs a second (17.13.12, TxHoldCount), and 20 s have passed.
  expect(bpdus).toBeLessThanOrEqual(3 * 6 * 21);
  expect(sw.bridge.rooms.stp.endlessCount).toBe(0);
});

test('root-guard and bpdu-guard keep the root', () => {
  for (const settings of [{ rootGuard: true }, { bpduGuard: true }, { bpduFilter: true }]) {
    const sw = labOf(settings);
    flood(sw, ['rst']);
    expect(sw.bridge.rooms.stp.state?.rootPort).toBeUndefined();
  }
});
