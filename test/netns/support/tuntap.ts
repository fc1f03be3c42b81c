/** TUN/TAP devices as `ip` and `tapctl tap` show them, for the tests of src/device. */

import { join } from 'node:path';
import { type Finished, mustRun, run } from './command';

const TAPCTL = join(__dirname, '../../../dist/tapctl.js');

/** @param line words behind `tapctl`, without quotes */
export function tapctl(line: string): Promise<Finished> {
  return run([process.execPath, TAPCTL, ...line.split(' ')]);
}

/** Runs a command of `tapctl` that must succeed. @returns its output */
export function mustTapctl(line: string): Promise<string> {
  return mustRun([process.execPath, TAPCTL, ...line.split(' ')]);
}

/** Output of a command of `tapctl` as JSON. */
export async function tapctlJson<T>(line: string): Promise<T> {
  return JSON.parse(await mustTapctl(`--json ${line}`)) as T;
}

/** `ip -d -j` in a namespace. */
export async function ipJson<T>(netns: string, args: string): Promise<T> {
  const stdout = await mustRun(['ip', '-n', netns, '-d', '-j', ...args.split(' ')]);
  return JSON.parse(stdout) as T;
}

/** Fields of `ip -d -j link show` that a test compares. */
export interface IpLink {
  readonly ifname: string;
  readonly flags: readonly string[];
  readonly mtu: number;
  readonly address?: string;
  readonly linkinfo: {
    readonly info_kind: string;
    readonly info_data: Readonly<Record<string, unknown>>;
  };
}

export async function ipLink(netns: string, device: string): Promise<IpLink> {
  const [link] = await ipJson<IpLink[]>(netns, `link show dev ${device}`);
  if (link === undefined) throw new Error(`no ${device} in ${netns}`);
  return link;
}

/** Names of the existing TUN/TAP devices. */
export async function tunTapNames(netns: string): Promise<string[]> {
  const links = await ipJson<{ ifname?: string }[]>(netns, 'link show type tun');
  return links.flatMap(({ ifname }) => (ifname === undefined ? [] : [ifname]));
}
