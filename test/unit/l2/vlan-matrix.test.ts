/**
 * VLAN filtering, played from the table of cases in `test/conformance/vlan-matrix.json`: which ports get a
 * broadcast, each with which tags, and in which VLAN its source is learned.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import type { PortVlan } from '../../../src/l2/vlan-table';
import { BROADCAST, EXPERIMENTAL, ethernet, station } from '../../support/ethernet';
import { MemorySwitch } from '../../support/memory-switch';

interface Tag {
  readonly tpid: string;
  readonly vid: number;
  readonly pcp: number;
}

interface Row {
  readonly ingress: string;
  readonly tags: readonly Tag[];
  readonly egress: readonly { readonly port: string; readonly tags: readonly Tag[] }[];
  readonly learnedIn: number | null;
  readonly drop?: string;
}

interface LinuxVlan {
  readonly vid?: number;
  readonly vids?: string;
  readonly pvid?: boolean;
  readonly untagged?: boolean;
}

interface OvsPort {
  readonly mode: string;
  readonly tag?: number;
  readonly trunks?: readonly number[];
}

interface Matrix {
  readonly linux: {
    readonly ports: Readonly<Record<string, { readonly vlans: readonly LinuxVlan[] }>>;
    readonly rows: readonly Row[];
  };
  readonly ovs: {
    readonly ports: Readonly<Record<string, OvsPort>>;
    readonly rows: readonly Row[];
  };
}

const path = join(__dirname, '../../conformance/vlan-matrix.json');
const { linux, ovs } = JSON.parse(readFileSync(path, 'utf8')) as Matrix;

const SOURCE = station(0x0a);
const PAYLOAD = '00112233';

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
const tagHex = ({ tpid, vid, pcp }: Tag): string => tpid + hex((pcp << 13) | vid, 4);
const frameHex = (tags: readonly Tag[]): string =>
  BROADCAST + SOURCE + tags.map(tagHex).join('') + EXPERIMENTAL + PAYLOAD;

function frameOf(tags: readonly Tag[]): Uint8Array {
  const behind = tags.map(tagHex).join('') + EXPERIMENTAL + PAYLOAD;
  const [type, payload] = [behind.slice(0, 4), behind.slice(4)];
  return ethernet({ to: BROADCAST, from: SOURCE, type, payload });
}

function rangeOf({ vid, vids, pvid, untagged }: LinuxVlan): PortVlan {
  const [first = 0, last = first] = vids?.split('-').map(Number) ?? [vid as number];
  return {
    ...{ vid: first, vidEnd: last },
    ...(pvid === true && { pvid }),
    ...(untagged === true && { untagged }),
  };
}

/** Members of a port of Open vSwitch, in the words of `bridge vlan`. */
function membersOf({ mode, tag = 0, trunks }: OvsPort): PortVlan[] {
  const own: PortVlan = { vid: tag, pvid: true, untagged: mode !== 'native-tagged' };
  const ranges = (trunks ?? []).map((vid) => ({ vid }));
  const rest = trunks === undefined ? allBut(tag) : ranges.filter(({ vid }) => vid !== tag);
  if (mode === 'access') return [own];
  return mode === 'trunk' ? rest : [own, ...rest];
}

function allBut(vid: number): PortVlan[] {
  const ranges = [
    { vid: 1, vidEnd: vid - 1 },
    { vid: vid + 1, vidEnd: 4094 },
  ];
  return ranges.filter((range) => range.vid <= range.vidEnd);
}

function switchOf(ports: readonly (readonly PortVlan[])[]): MemorySwitch {
  const sw = new MemorySwitch(ports.length);
  sw.bridge.configure({ vlanFiltering: true });
  ports.forEach((vlans, port) => sw.bridge.setPortVlans(port, vlans));
  return sw;
}

/** VLANs in which the source is known. */
function learnedIn(sw: MemorySwitch): number[] {
  return sw.bridge.stations(sw.nowMs).map(({ vlan }) => vlan);
}

const named = <T extends Row>(rows: readonly T[]) =>
  rows.map((row) => ({ ...row, tagText: row.tags.map(tagHex).join(' ') || 'no tag' }));

function expectRow(sw: MemorySwitch, names: readonly string[], row: Row): void {
  const out = sw.send(names.indexOf(row.ingress), frameOf(row.tags));
  const got: unknown = Object.fromEntries(
    out.flatMap((frames, id) => (frames.length > 0 ? [[names[id] ?? '', frames] as const] : [])),
  );
  const want = row.egress.map(({ port, tags }) => [port, [frameHex(tags)]]);
  expect(got).toEqual(Object.fromEntries(want));
  expect(learnedIn(sw)).toEqual(row.learnedIn === null ? [] : [row.learnedIn]);
}

describe('as the Linux bridge', () => {
  const names = Object.keys(linux.ports);
  const ports = Object.values(linux.ports).map(({ vlans }) => vlans.map(rangeOf));

  test('has rows', () => expect(linux.rows.length).toBe(153));

  test.each(named(linux.rows))('$ingress, $tagText', (row) => {
    const sw = switchOf(ports);
    expectRow(sw, names, row);
    const drops = row.drop === undefined ? {} : { [row.drop]: 1 };
    expect(sw.drops(names.indexOf(row.ingress))).toEqual(drops);
  });
});

/**
 * Rows of Open vSwitch that the words of `bridge vlan` can say. Left out are tunnel ports, VLAN 0 as a VLAN
 * of its own, ports that keep a priority tag or refuse an inner one, and access ports that refuse their own
 * VID.
 */
function canSay({ ingress, tags, learnedIn: vlan }: Row): boolean {
  const [outer, inner] = tags;
  const { mode } = ovs.ports[ingress] as OvsPort;
  if (mode === 'dot1q-tunnel' || inner !== undefined || vlan === 0) return false;
  return (
    mode !== 'access' ||
    outer === undefined ||
    outer.vid === 0 ||
    vlan !== null ||
    outer.vid !== ovs.ports[ingress]?.tag
  );
}

describe('as Open vSwitch', () => {
  const said = Object.entries(ovs.ports).filter(([, { mode }]) => mode !== 'dot1q-tunnel');
  const names = said.map(([name]) => name);
  const ports = said.map(([, port]) => membersOf(port));
  const rows = ovs.rows.filter(canSay);

  test('has rows', () => expect(rows.length).toBeGreaterThan(40));

  test.each(named(rows))('$ingress, $tagText', (row) => {
    const egress = row.egress
      .filter(({ port }) => names.includes(port))
      .map(({ port, tags }) => ({ port, tags: tags.filter(({ vid }) => vid !== 0) }));
    expectRow(switchOf(ports), names, { ...row, egress });
  });
});
