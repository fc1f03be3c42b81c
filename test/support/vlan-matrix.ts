/**
 * The table of cases `test/conformance/vlan-matrix.json`: which ports get a broadcast, each with which tags, and in
 * which VLAN its source is learned. It has ports of a Linux bridge and of Open vSwitch.
 */

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { PortVlan } from '../../src/l2/vlan-table';
import { BROADCAST, EXPERIMENTAL } from './ethernet';

export interface Tag {
  readonly tpid: string;
  readonly vid: number;
  readonly pcp: number;
}

export interface Row {
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

export interface OvsPort {
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

const path = join(__dirname, '../conformance/vlan-matrix.json');
export const { linux, ovs } = JSON.parse(readFileSync(path, 'utf8')) as Matrix;

const hex = (value: number, digits: number): string => value.toString(16).padStart(digits, '0');
export const tagHex = ({ tpid, vid, pcp }: Tag): string => tpid + hex((pcp << 13) | vid, 4);

/** A broadcast with these tags, the outermost first, as hex. */
export const taggedHex = (from: string, tags: readonly Tag[], payload: string): string =>
  BROADCAST + from + tags.map(tagHex).join('') + EXPERIMENTAL + payload;

export function rangeOf({ vid, vids, pvid, untagged }: LinuxVlan): PortVlan {
  const [first = 0, last = first] = vids?.split('-').map(Number) ?? [vid as number];
  return {
    ...{ vid: first, vidEnd: last },
    ...(pvid === true && { pvid }),
    ...(untagged === true && { untagged }),
  };
}

/** Members of a port of Open vSwitch, in the words of `bridge vlan`. */
export function membersOf({ mode, tag = 0, trunks }: OvsPort): PortVlan[] {
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

/**
 * Rows of Open vSwitch that the words of `bridge vlan` can say. Left out are tunnel ports, VLAN 0 as a VLAN
 * of its own, ports that keep a priority tag or refuse an inner one, and access ports that refuse their own
 * VID.
 */
export function canSay({ ingress, tags, learnedIn: vlan }: Row): boolean {
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
