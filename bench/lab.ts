/**
 * The site of one device under test: network namespaces of our own, a host behind each port, and the
 * interface counters that count the frames.
 *
 *     host 0          host 1          hosts 2 …
 *     netns …-h0      netns …-h1      netns …-h2 …
 *       e0              e1              e2
 *       └───── device under test, netns …-sw ─────┘
 *
 * Hosts 4 and up only make the switch larger; they share the namespace of host 4. IPv6 is off and
 * neighbours are fixed, so that the trial's frames are the only ones.
 */

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { Child, inNetns, ip, run } from './child';
import { undoLater } from './undo';

/** Requirements of a trial on its device under test. */
export interface Shape {
  ports: number;
  mtu: number;
  /** Number of addresses that the device must be able to learn; its own default unless given. */
  addressCapacity?: number;
}

export interface Host {
  index: number;
  netns: string;
  device: string;
  /** IPv4 address in 198.18.0.0/15 (RFC 2544 appendix C.2.2). */
  address: string;
  mac: string;
}

/** Place for a device under test. The device makes `device` in the namespace of each host. */
export interface Site extends Shape {
  /** Name that is unique in the bench; at most 11 bytes. */
  name: string;
  switchNetns: string;
  hosts: readonly Host[];
}

const TRAFFIC_HOSTS = 4;
const PREFIX_LENGTH_BITS = 15;
const QUEUE_FRAMES = 1000;

let siteCount = 0;

export async function makeSite(shape: Shape): Promise<Site> {
  const name = `tsb${process.pid}-${siteCount++}`;
  const switchNetns = `${name}-sw`;
  const hosts = Array.from({ length: shape.ports }, (_, index): Host => ({
    index,
    netns: `${name}-h${Math.min(index, TRAFFIC_HOSTS)}`,
    device: `e${index}`,
    address: `198.18.${high(index + 1)}.${low(index + 1)}`,
    mac: `02:00:00:00:${hexByte(high(index + 1))}:${hexByte(low(index + 1))}`,
  }));
  for (const netns of new Set([switchNetns, ...hosts.map((host) => host.netns)])) {
    await makeNetns(netns);
  }
  return { ...shape, name, switchNetns, hosts };
}

export async function removeSite(site: Site): Promise<void> {
  for (const netns of new Set([site.switchNetns, ...site.hosts.map((host) => host.netns)])) {
    await run(['ip', 'netns', 'del', netns]);
    const keeper = keepers.get(netns);
    keepers.delete(netns);
    await keeper?.stop();
  }
}

/** Gives the hosts' interfaces their addresses, MTU and queues. The interfaces must exist. */
export async function dressHosts(site: Site): Promise<void> {
  for (const host of site.hosts) {
    const { device } = host;
    const neighbours = site.hosts.filter((other) => other.netns !== host.netns);
    await ip(
      [
        `link set dev ${device} address ${host.mac} mtu ${site.mtu} txqueuelen ${QUEUE_FRAMES} up`,
        `address add ${host.address}/${PREFIX_LENGTH_BITS} dev ${device}`,
        ...neighbours
          .slice(0, TRAFFIC_HOSTS)
          .map(({ address, mac }) => `neigh add ${address} lladdr ${mac} dev ${device}`),
      ],
      host.netns,
    );
  }
}

/** Moves interfaces that were made in the switch's namespace behind their hosts. */
export async function moveToHosts(site: Site): Promise<void> {
  const moves = site.hosts
    .filter((host) => host.netns !== site.switchNetns)
    .map((host) => `link set dev ${host.device} netns ${host.netns}`);
  if (moves.length > 0) await ip(moves, site.switchNetns);
}

/** Frames that an interface has received since it was made. */
export function receivedFrames(host: Host): number {
  return interfaceCounter(host, 1);
}

/** Bytes that an interface has received since it was made. */
export function receivedBytes(host: Host): number {
  return interfaceCounter(host, 0);
}

/**
 * Frames of its host that an interface has dropped since it was made. A TAP drops a frame if its queue
 * to the switch has no room (tun_net_xmit in drivers/net/tun.c).
 */
export function refusedFrames(host: Host): number {
  return interfaceCounter(host, 11);
}

/** @param column of /proc/net/dev */
function interfaceCounter({ netns, device }: Host, column: number): number {
  const keeper = keepers.get(netns);
  if (keeper === undefined) throw new Error(`no namespace ${netns}`);
  const table = readFileSync(`/proc/${keeper.pid}/net/dev`, 'utf8');
  const counters = new RegExp(`^ *${device}: *(.+)$`, 'm').exec(table);
  if (counters === null) throw new Error(`no interface ${device} in ${netns}`);
  return Number(counters[1]!.split(/ +/)[column]);
}

/** A process in each namespace: its /proc shows the counters of the namespace. */
const keepers = new Map<string, Child>();

async function makeNetns(netns: string): Promise<void> {
  await run(['ip', 'netns', 'add', netns]);
  undoLater(() => removeNetnsNow(netns));
  const settings = ['all', 'default'].map((name) => `net.ipv6.conf.${name}.disable_ipv6=1`);
  await run(inNetns(netns, ['sysctl', '-qw', ...settings]));
  await ip(['link set dev lo up'], netns);
  const keeper = new Child(inNetns(netns, ['sh', '-c', 'echo ready; exec sleep infinity']));
  await keeper.untilPrinted(/ready/);
  keepers.set(netns, keeper);
}

function removeNetnsNow(netns: string): void {
  const list = execFileSync('ip', ['netns', 'list'], { encoding: 'utf8' });
  const isThere = list.split('\n').some((line) => line.split(' ')[0] === netns);
  if (isThere) execFileSync('ip', ['netns', 'del', netns]);
}

const high = (number: number): number => number >> 8;
const low = (number: number): number => number & 0xff;
const hexByte = (value: number): string => value.toString(16).padStart(2, '0');
